export { CatalogueGuard, type Rescan, type UndeclaredTable } from './catalogue.guard.js';
export { CatalogueModule } from './catalogue.module.js';
export { type IntegrityReport, IntegrityScan, type Mismatch, type Orphans } from './integrity.scan.js';
