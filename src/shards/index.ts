export { DeletableRow, PatientOwnedRow } from './deletable.row.js';
export * from './anchor.js';
export type { HidingTimes } from './hiding.times.js';
export { MARK } from './mark.strategy.js';
export { hidingTogether, moving, movingPatients } from './move.strategy.js';
export { emptyingVault, type MovedState } from './move.restoration.js';
export { endsOfWays, type MovedTable, ofPatient, vaultOf, type Way } from './moved.table.js';
export {
  type DestroyedRows,
  emptyPatient,
  type KeepRule,
  type KeptRows,
  PERIOD_BEGINNINGS,
  type PeriodBeginning,
  type RetainedRows,
  type RetentionQuestion,
} from './retained.rows.js';
export { countingRowsOfNobody, saysWhose } from './rows.of.nobody.js';
export { PatientOwnedRepository } from './patient-owned.repository.js';
export { IS_DELETED, LIVE, PATIENT_ID, ROOT, ROOT_TABLE } from './physical.names.js';
export * from './shard.js';
export { type OwnVeto, VetoingRepository } from './vetoing.repository.js';
export { ShardVetoes, ShardVetoesModule } from './shard.vetoes.js';
export { HOLDS_ROWS, identifier, literal, namesOfChanged, quotedName, shortened } from './sql.text.js';
export type { IntakeStatements, RowLock, StatementTable, Strategy } from './strategy.js';
export type {
  AdoptedTable,
  AdoptedTables,
  FenceKey,
  UserKey,
  KeptTable,
  ShownOfPatient,
  TableDeclaration,
} from './table.declaration.js';
export {
  adoptedTables,
  adoptTables,
  childShards,
  declarationOf,
  failedTable,
  keepOnDeletion,
  KeptOnDeletion,
  ownKeptTables,
  PatientOwned,
  patientOwnedTables,
  reportedName,
  rootTable,
  tablesKeptOnDeletion,
  type UnfencedTable,
  unfencedTables,
  watchedSchemas,
} from './table.registry.js';
