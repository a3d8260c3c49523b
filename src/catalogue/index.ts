export { CatalogueGuard, type UndeclaredTable } from './catalogue.guard.js';
export { IntegrityModule } from './integrity.module.js';
export { type IntegrityReport, IntegrityScan, type Mismatch, type Orphans } from './integrity.scan.js';
