export { CatalogueGuard, EVERY_TABLE, type Rescan, type UndeclaredTable } from './catalogue.guard.js';
export { CatalogueModule } from './catalogue.module.js';
export { missingKeptTables } from './kept.tables.js';
export type { RowsOfNobody } from './rows.of.nobody.js';
export { type UnwatchedSchema, unwatchedSchemas } from './unwatched.schemas.js';
export { contradictionsIn } from './record.comparison.js';
export { type IntegrityReport, IntegrityScan, type Mismatch, type Orphans } from './integrity.scan.js';
