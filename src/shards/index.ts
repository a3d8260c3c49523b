export { DeletableRow, PatientOwnedRow } from './deletable.row.js';
export { MARK } from './mark.strategy.js';
export { PatientOwnedRepository } from './patient-owned.repository.js';
export { IS_DELETED, LIVE, PATIENT_ID, ROOT, ROOT_TABLE } from './physical.names.js';
export * from './shard.js';
export { literal, quotedName } from './sql.text.js';
export type { StatementTable, Strategy } from './strategy.js';
export type { TableDeclaration } from './table.declaration.js';
export {
  type KeptTable,
  KeptOnDeletion,
  PatientOwned,
  patientOwnedTables,
  rootTable,
  tablesKeptOnDeletion,
} from './table.registry.js';
