import { DataSource } from 'typeorm';
import { ConfigurationError, readEnvironment } from './src/config/index.js';
import { migrationOptions } from './src/postgres/index.js';

const { migrationDatabaseUrl } = readEnvironment();
if (migrationDatabaseUrl === undefined)
  throw new ConfigurationError(
    'MIGRATION_DATABASE_URL or DATABASE_URL must be set: the PostgreSQL URL of the database to migrate.',
  );

/** For the TypeORM command line (`npm run migration:show`); `npx silgi migrate` goes up and down under the lock. */
export default new DataSource(await migrationOptions(migrationDatabaseUrl));
