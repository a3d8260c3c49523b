import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import {
  discoverMigrations,
  migrationOptions,
  MIGRATIONS_SCHEMA,
  MIGRATIONS_TABLE,
} from './database.options.js';
import { ensureDatabaseRoles } from './database.roles.js';
import { poll } from '../embedded-postgres/index.js';

/** "silgi migration" as a number: the advisory lock that lets one runner migrate at a time. */
const MIGRATION_LOCK = 0x73696c67696d;
const LOCK_LIMIT_MS = 600_000;
const LOCK_INTERVAL_MS = 100;

/** The migrations cannot be brought to their end; the message says in which state that leaves the database. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Applies the pending migrations, oldest first, each in a transaction of its own, and then brings the database
 * roles in line. Several runners may start at
 * once: an advisory lock on the migrating connection itself lets one after the other work (RELIABILITY rule 14).
 *
 * @param url PostgreSQL URL of the login that owns the tables
 * @param log receives a line for every migration applied, and one when another runner is waited for
 * @returns the names of the migrations that this call applied
 * @throws MigrationError when a migration fails, which leaves the earlier ones applied and undoes that one, when
 *   another runner does not come to its end, or when the database has no encoding; `pg`'s own error when the database cannot be reached
 */
export function migrate(
  url: string,
  log: (line: string) => void = () => undefined,
): Promise<{ applied: string[] }> {
  return underLock(url, log, async (executor, queryRunner) => {
    await assertEncoded(queryRunner);
    const applied = await applyAll(executor);
    for (const name of applied) log(`Migration ${name} was applied.`);
    await ensureDatabaseRoles(queryRunner, log);
    return { applied };
  });
}

/**
 * Undoes the last migration that was applied, with all that is stored in what it made, under the same lock.
 *
 * @returns its name, or undefined where none is applied
 * @throws the database's own error when it cannot be undone; it stays applied then
 */
export function revert(
  url: string,
  log: (line: string) => void = () => undefined,
): Promise<string | undefined> {
  return underLock(url, log, async (executor) => {
    const [last] = await executor.getExecutedMigrations();
    if (last !== undefined) await executor.undoLastMigration();
    return last?.name;
  });
}

async function underLock<T>(
  url: string,
  log: (line: string) => void,
  work: (executor: MigrationExecutor, queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  const dataSource = await new DataSource(await migrationOptions(url)).initialize();
  try {
    const queryRunner = dataSource.createQueryRunner();
    await lock(queryRunner, log);
    // `dataSource.runMigrations()` would take a second connection, which a pool of one does not have.
    const executor = new MigrationExecutor(dataSource, queryRunner);
    executor.transaction = 'each';
    return await work(executor, queryRunner);
  } finally {
    // Ends the session, and the lock with it.
    await dataSource.destroy();
  }
}

/** What a cluster gets that was made without a locale; names could neither be sorted nor searched in it. */
async function assertEncoded(queryRunner: QueryRunner): Promise<void> {
  const [row] = (await queryRunner.query('SHOW server_encoding')) as { server_encoding: string }[];
  if (row?.server_encoding !== 'SQL_ASCII') return;
  throw new MigrationError(
    'The database is encoded in SQL_ASCII, to which letters are bytes without a meaning. Nothing was changed. Make ' +
      "another one and name it in the URL: CREATE DATABASE silgi TEMPLATE template0 ENCODING 'UTF8';",
  );
}

async function applyAll(executor: MigrationExecutor): Promise<string[]> {
  const before = await executor.getPendingMigrations();
  try {
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  } catch (cause) {
    const reached = await executor.getPendingMigrations().catch(() => before);
    throw new MigrationError(
      `The migration ${reached[0]?.name ?? ''} failed and was undone; those before it stay applied. Mend the ` +
        `cause and migrate again. It said: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Takes the lock by asking, not by waiting in the server: a waiting statement keeps a snapshot open, for which
 * a `CREATE INDEX CONCURRENTLY` of the runner at work would wait in turn.
 */
async function lock(queryRunner: QueryRunner, log: (line: string) => void): Promise<void> {
  let told = false;
  const taken = await poll(
    LOCK_LIMIT_MS,
    async () => {
      const [row] = (await queryRunner.query('SELECT pg_try_advisory_lock($1) AS taken', [
        MIGRATION_LOCK,
      ])) as {
        taken: boolean;
      }[];
      if (row?.taken === true) return true;
      if (!told) log('Another process is migrating this database; waiting for it.');
      told = true;
      return undefined;
    },
    LOCK_INTERVAL_MS,
  );
  if (taken === undefined)
    throw new MigrationError(
      `Another process has been migrating this database for ${LOCK_LIMIT_MS / 60_000} minutes; nothing was changed ` +
        "by this one. Find it with: SELECT pid FROM pg_locks WHERE locktype = 'advisory'.",
    );
}

/**
 * The migrations of this release that the database does not have, oldest first; for readiness. Only reads.
 *
 * @param dataSource any initialised one that may read the table of migrations
 */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const table = `${MIGRATIONS_SCHEMA}.${MIGRATIONS_TABLE}`;
  const known = (await discoverMigrations()).map(({ name }) => name);
  const [found] = await dataSource.query<{ exists: boolean }[]>(
    'SELECT to_regclass($1) IS NOT NULL AS exists',
    [table],
  );
  if (found?.exists !== true) return known;
  const applied = await dataSource.query<{ name: string }[]>(`SELECT name FROM ${table}`);
  return known.filter((name) => !applied.some((migration) => migration.name === name));
}
