export { addressOf } from './database.address.js';
export { DatabaseLifecycle, type DatabaseReadiness } from './database.lifecycle.js';
export { DatabaseModule } from './database.module.js';
export { MIGRATIONS_SCHEMA, MIGRATIONS_TABLE, migrationOptions, serviceOptions } from './database.options.js';
export { type DatabaseSource, urlOf } from './database.source.js';
export {
  BOUND_ROLES,
  columnsToGrant,
  DESTROYER_RECORDS,
  DESTROYER_ROLE,
  type GrantedTable,
  GUARDED_SCHEMAS,
  OWNER_ROLE,
  patientOwnedGrants,
  RECORDS,
  RELEVANT_USER_ROLE,
  RELEVANT_WRITER_ROLE,
  RESTORER_RECORDS,
  RESTORER_ROLE,
  SERVICE_ROLE,
} from './role.policies.js';
export { isOneOf, PATIENT_OWNED_POLICIES, POLICIES_OF_RECORDS, type Policy } from './row.policies.js';
export { inTransaction, isOpen, NotCommitted } from './in.transaction.js';
export { migrate, MigrationError, pendingMigrations, revert } from './migrator.js';
export {
  type CommandTag,
  type Pipeline,
  PipelinedConnection,
  runInPipeline,
  StatementSkipped,
  type TableStatement,
  type TextRows,
} from './pipeline/index.js';
export { grantTo, TAKEN_ROLES, workAs } from './taken.roles.js';
export { gramsOf, NAME_GRAMS } from './name.grams.js';
export { PoolUsage } from './pool.usage.js';
export {
  type AlteringSession,
  type ReadOnlySession,
  withAlteringSession,
  withReadOnlySession,
} from './read-only.session.js';
export { assertNobodyIsConnected, type RevertLoss, RevertRefused } from './revert.loss.js';
export {
  FINDING_SETTINGS,
  LOOKUP_SETTINGS,
  ORDERED_SETTINGS,
  type Settings,
  setLocally,
} from './session.settings.js';
export { sessionOf, type SessionState } from './session.state.js';
export { unhurried } from './unhurried.js';
export { onOneSession } from './one.session.js';
