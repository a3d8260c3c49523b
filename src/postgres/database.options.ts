import type { DataSourceOptions } from 'typeorm';
import { discoverClasses } from '../common/index.js';
import { CommitTagSubscriber } from './commit-tag.subscriber.js';
import { PipelinedClient } from './pipeline/index.js';
import { POOL_SETTINGS, SESSION_SETTINGS } from './session.settings.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** Schema and table in which the applied migrations are recorded. */
export const MIGRATIONS_SCHEMA = 'public';
export const MIGRATIONS_TABLE = 'silgi_migration';

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
const DEFAULT_POOL_SIZE = 10;
/** The server's limit of one statement, where a transaction sets none of its own (RELIABILITY rule 8). */
const STATEMENT_TIMEOUT_MS = 10_000;
/** More than every limit of the server's own: what is silent for longer is not at work. */
const SILENCE_LIMIT_MS = 15_000;

/** What every connection of Silgi has in common. The URL goes to `pg` untouched, TLS parameters included. */
function connection(url: string, warn: (line: string) => void) {
  return {
    type: 'postgres',
    url,
    applicationName: 'silgi',
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      keepAlive: true,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      Client: PipelinedClient,
      settings: SESSION_SETTINGS,
    },
    // An idle connection was lost. The pool replaces it; without a listener the process would end.
    poolErrorHandler: (error: Error) => {
      warn(
        `An idle database connection was lost and will be replaced: ${error.message.split('\n', 1)[0] ?? ''}`,
      );
    },
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    synchronize: false,
    logging: false,
  } satisfies PostgresOptions;
}

/**
 * Options of the service's own pool; entities are added by the caller.
 *
 * @param url PostgreSQL URL of the service's login
 * @param options.poolSize most connections at a time, 10 unless told
 * @param options.warn receives one line when an idle connection is lost
 */
export function serviceOptions(
  url: string,
  { poolSize = DEFAULT_POOL_SIZE, warn }: { poolSize?: number; warn: (line: string) => void },
): PostgresOptions {
  const common = connection(url, warn);
  const limits = { statement_timeout: STATEMENT_TIMEOUT_MS, silenceLimitMs: SILENCE_LIMIT_MS };
  return { ...common, poolSize, extra: { ...common.extra, ...limits, settings: POOL_SETTINGS } };
}

/**
 * Options for migrating: one connection, one transaction per migration, the migrations of `migrations/`.
 *
 * @param url PostgreSQL URL of the login that owns the tables
 */
export async function migrationOptions(url: string): Promise<PostgresOptions> {
  return {
    ...connection(url, () => undefined),
    poolSize: 1,
    // Not the search path of the login: the record of migrations has one fixed place.
    schema: MIGRATIONS_SCHEMA,
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    migrations: await discoverMigrations(),
    subscribers: [CommitTagSubscriber],
  };
}

let discovered: Promise<(new () => object)[]> | undefined;

/** The classes of `migrations/`, oldest first; looked up once, as they belong to the release that runs. */
export function discoverMigrations(): Promise<(new () => object)[]> {
  discovered ??= discoverClasses(new URL('./migrations/', import.meta.url), 'migration') as Promise<
    (new () => object)[]
  >;
  return discovered;
}
