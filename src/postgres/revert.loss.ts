import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What undoing a migration would take away for good (RELIABILITY rule 34). */
export interface RevertLoss {
  readonly migration: string;
  readonly database: string;
  /** Every table that would go, as schema and name, with its rows. */
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** Every column that would go from a table that stays, as `schema.table.column`, with the rows of that table. */
  readonly columns: readonly { readonly name: string; readonly rows: number }[];
  /** Whether something of the audit log is among it. */
  readonly takesAuditLog: boolean;
}

/** Undoing a migration is refused; the message says why. Nothing was changed. */
export class RevertRefused extends Error {
  override readonly name = 'RevertRefused';
}

/** A view, a foreign key or whatever else rests on what would go: PostgreSQL's dependent_objects_still_exist. */
const OTHERS_DEPEND = '2BP01';

/** @throws RevertRefused while another session of Silgi, a service or a command, is in this database */
export async function assertNobodyIsConnected(session: {
  query(sql: string): Promise<unknown>;
}): Promise<void> {
  const sessions = (await session.query(
    `SELECT pid, coalesce(client_addr::text, 'this machine') AS client FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'silgi' ORDER BY pid`,
  )) as { pid: number; client: string }[];
  if (sessions.length === 0) return;
  const all = sessions.map(({ pid, client }) => `process ${pid} for ${client}`).join(', ');
  throw new RevertRefused(
    `A service or a command of Silgi is connected to this database (${all}). Nothing was changed; stop it and try again.`,
  );
}

/**
 * Undoes the migration in a transaction that is rolled back, and looks what has gone.
 *
 * @throws RevertRefused where something that is not Silgi's rests on it: nothing is ever taken along (CASCADE)
 */
export async function lossOf(
  queryRunner: QueryRunner,
  name: string,
  migration: MigrationInterface | undefined,
): Promise<RevertLoss> {
  const before = await columnsNow(queryRunner);
  // One that runs outside a transaction makes indexes, and nothing that holds rows; a test holds it to that.
  if (migration?.transaction === false) return lossBetween(queryRunner, name, before, before);
  await queryRunner.startTransaction();
  let after: Columns;
  try {
    await migration?.down(queryRunner);
    after = await columnsNow(queryRunner);
  } catch (error) {
    throw dependentsIn(error) ?? error;
  } finally {
    await queryRunner.rollbackTransaction();
  }
  return lossBetween(queryRunner, name, before, after);
}

type Columns = ReadonlyMap<string, ReadonlySet<string>>;

async function lossBetween(
  queryRunner: QueryRunner,
  migration: string,
  before: Columns,
  after: Columns,
): Promise<RevertLoss> {
  const gone = [...before.keys()].filter((table) => !after.has(table));
  const tables = [];
  for (const table of gone) tables.push({ name: table, rows: await rowsIn(queryRunner, table) });
  const columns = [];
  for (const [table, names] of before)
    for (const column of names)
      if (after.get(table)?.has(column) === false)
        columns.push({ name: `${table}.${column}`, rows: await rowsIn(queryRunner, table) });
  const [row] = (await queryRunner.query('SELECT current_database() AS database')) as { database: string }[];
  const takesAuditLog = [...tables, ...columns].some((one) => one.name.startsWith('audit.'));
  return { migration, database: row?.database ?? '', tables, columns, takesAuditLog };
}

/** The same where it is met at the end: something may have been built on it since. */
export function dependentsIn(error: unknown): RevertRefused | undefined {
  const { driverError } = error as { driverError?: { code?: string; detail?: string } };
  if (driverError?.code !== OTHERS_DEPEND) return undefined;
  return new RevertRefused(
    `What is not Silgi's own depends on what would go, and is never taken along: ${driverError.detail ?? 'the database does not say what'}\n` +
      'Nothing was changed; remove or change it yourself and try again.',
    { cause: error },
  );
}

/** The columns of every table but PostgreSQL's own, by schema and name of the table. */
async function columnsNow(queryRunner: QueryRunner): Promise<Columns> {
  const rows = (await queryRunner.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, array_agg(a.attname::text) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)' GROUP BY 1 ORDER BY 1`,
  )) as { table: string; columns: string[] }[];
  return new Map(rows.map(({ table, columns }) => [table, new Set(columns)]));
}

async function rowsIn(queryRunner: QueryRunner, table: string): Promise<number> {
  const [row] = (await queryRunner.query(`SELECT count(*) AS rows FROM ${table}`)) as { rows: string }[];
  return Number(row?.rows);
}
