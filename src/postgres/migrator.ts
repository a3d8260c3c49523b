import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import {
  discoverMigrations,
  migrationOptions,
  MIGRATIONS_SCHEMA,
  MIGRATIONS_TABLE,
} from './database.options.js';
import { ensureDatabaseRoles } from './database.roles.js';
import { assertNobodyIsConnected, dependentsIn, lossOf, type RevertLoss } from './revert.loss.js';
import { assertOwnSessions } from './pipeline/index.js';
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
 * Applies the pending migrations, oldest first, each in a transaction of its own unless it asks not to be, and then
 * brings the database roles in line. Several runners may start at once: an advisory lock on the migrating connection itself lets one after the other work (RELIABILITY rule 14).
 *
 * @param url PostgreSQL URL of the login that owns the tables
 * @param log receives a line for every migration applied, and one when another runner is waited for
 * @param mustHave a table without which nothing is migrated: that of the pseudonyms, where a declaration is in force
 * @returns the names of the migrations that this call applied
 * @throws MigrationError when a migration fails, which leaves the earlier ones applied and undoes that one where it ran
 *   in a transaction, or when another runner does not come to its end
 * @throws SessionRefused when the database or a pooler before it is not as it has to be; `pg`'s own error when the
 *   database cannot be reached
 */
export function migrate(
  url: string,
  log: (line: string) => void = () => undefined,
  mustHave?: string,
): Promise<{ applied: string[] }> {
  return underLock(url, log, async (executor, queryRunner) => {
    if (mustHave !== undefined) await assertAdopted(queryRunner, mustHave);
    const applied = await applyAll(executor);
    for (const name of applied) log(`Migration ${name} was applied.`);
    await ensureDatabaseRoles(queryRunner, log);
    return { applied };
  });
}

/**
 * Undoes the last migration that was applied, with all that is stored in what it made, under the same lock.
 *
 * @param consent is told what would be lost and throws where that is not wanted; nothing is undone then
 * @throws RevertRefused where somebody else is connected, or something that is not Silgi's rests on what would go
 * @returns its name, or undefined where none is applied
 * @throws the database's own error when it cannot be undone; it stays applied then
 */
export function revert(
  url: string,
  log: (line: string) => void = () => undefined,
  consent?: (loss: RevertLoss) => Promise<void>,
): Promise<string | undefined> {
  return underLock(url, log, async (executor, queryRunner) => {
    const [last] = await executor.getExecutedMigrations();
    if (last === undefined) return undefined;
    const known = queryRunner.dataSource.migrations.find(
      ({ name, constructor }) => (name ?? constructor.name) === last.name,
    );
    if (consent !== undefined) {
      await assertNobodyIsConnected(queryRunner);
      await consent(await lossOf(queryRunner, last.name, known));
      // Somebody may have come while the question stood.
      await assertNobodyIsConnected(queryRunner);
    }
    // TypeORM asks a migration for its own wish on the way up only.
    if (known?.transaction === false) executor.transaction = 'none';
    await executor.undoLastMigration().catch((error: unknown) => {
      throw dependentsIn(error) ?? error;
    });
    return last.name;
  });
}

async function underLock<T>(
  url: string,
  log: (line: string) => void,
  work: (executor: MigrationExecutor, queryRunner: QueryRunner) => Promise<T>,
): Promise<T> {
  await assertOwnSessions(url);
  const dataSource = await new DataSource(await migrationOptions(url)).initialize();
  const queryRunner = dataSource.createQueryRunner();
  try {
    await lock(queryRunner, log);
    // `dataSource.runMigrations()` would take a second connection, which a pool of one does not have.
    const executor = new MigrationExecutor(dataSource, queryRunner);
    executor.transaction = 'each';
    return await work(executor, queryRunner);
  } finally {
    // The end of the session ends the lock as well, but not where a pooler keeps the session for its next client.
    await queryRunner.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    await dataSource.destroy();
  }
}

/** Silgi's own tables of patients have no place in a database whose tables are declared. */
async function assertAdopted(queryRunner: QueryRunner, table: string): Promise<void> {
  const [found] = (await queryRunner.query('SELECT to_regclass($1) IS NOT NULL AS has', [table])) as {
    has: boolean;
  }[];
  if (found?.has !== true)
    throw new MigrationError(
      `A declaration is in force (DECLARATION), and this database has no ${table}: run npx silgi adopt apply first. ` +
        'Nothing was changed.',
    );
}

async function applyAll(executor: MigrationExecutor): Promise<string[]> {
  const before = await executor.getPendingMigrations();
  try {
    return (await executor.executePendingMigrations()).map(({ name }) => name);
  } catch (cause) {
    const [failed] = await executor.getPendingMigrations().catch(() => before);
    const state =
      failed?.instance?.transaction === false
        ? 'was not brought to its end: what it did stays'
        : 'was undone';
    throw new MigrationError(
      `The migration ${failed?.name ?? ''} failed and ${state}; those before it stay applied. Mend the cause and ` +
        `migrate again. It said: ${(cause as Error).message}`,
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
