export { DatabaseLifecycle, type DatabaseReadiness } from './database.lifecycle.js';
export { DatabaseModule } from './database.module.js';
export { migrationOptions, serviceOptions } from './database.options.js';
export { OWNER_ROLE, RELEVANT_USER_ROLE, SERVICE_ROLE } from './database.roles.js';
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
export { PoolUsage } from './pool.usage.js';
export { LOOKUP_SETTINGS, setLocally } from './session.settings.js';
export { unhurried } from './unhurried.js';
