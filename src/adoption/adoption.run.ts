import type { Declaration } from '../declaration/index.js';
import {
  type AlteringSession,
  assertNobodyIsConnected,
  migrate,
  MIGRATIONS_SCHEMA,
  MIGRATIONS_TABLE,
  revert,
  withAlteringSession,
  withReadOnlySession,
} from '../postgres/index.js';
import { ANCHOR, quotedName, ROOT } from '../shards/index.js';
import { adoptedTablesOf } from './adopted.tables.js';
import { isThere, type LineWatcher, makeLines, takeLinesAway } from './apply.js';
import { checkDeclaration } from './declaration.check.js';
import type { PlanLine } from './plan.line.js';
import { AdoptionPlan } from './plan.js';
import { columnsMissingInVaults } from './vault.columns.js';

const STATEMENT_TIMEOUT_MS = 60_000;
const EVENTS = 'audit.sharded_audit_event';

/** The database is not as the declaration says; one line for each difference. */
export class DeclarationDiffers extends Error {
  override readonly name = 'DeclarationDiffers';

  constructor(readonly differences: readonly string[]) {
    super(differences.join('\n'));
  }
}

/** Something would be lost, or this is no database for it. Nothing was changed. */
export class AdoptionRefused extends Error {
  override readonly name = 'AdoptionRefused';
}

/** What is to be done, and how far it is. */
export interface Planned {
  readonly lines: readonly { readonly line: PlanLine; readonly there: boolean }[];
}

/**
 * The plan of a declaration that the database is as.
 *
 * @param url PostgreSQL URL of a login that may read the catalogue
 * @throws DeclarationDiffers, NotBuilt
 */
export async function planOf(url: string, declaration: Declaration): Promise<AdoptionPlan> {
  const adopted = adoptedTablesOf(declaration);
  return withReadOnlySession(url, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (session) => {
    const { differences, catalogue, reads } = await checkDeclaration(session, declaration);
    if (differences.length > 0) throw new DeclarationDiffers(differences);
    const missing = await columnsMissingInVaults(session, adopted);
    return new AdoptionPlan(declaration, adopted, catalogue, { reads, missing });
  });
}

/** The lines of a plan, and which of them are there already. Changes nothing. */
export async function lookAtPlan(url: string, plan: AdoptionPlan): Promise<Planned> {
  return withReadOnlySession(url, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (session) => {
    const lines: { line: PlanLine; there: boolean }[] = [];
    for (const line of [...plan.pseudonyms(), ...plan.tables()])
      lines.push({ line, there: await isThere(session, line).catch(() => false) });
    return { lines };
  });
}

/**
 * Makes what the database lacks, online. What is there stays as it is, so that it can be run again.
 *
 * @param url PostgreSQL URL of the login that owns the hospital's tables, or may alter them
 * @throws AdoptionRefused where patients stand in Silgi's own tables; LineFailed, MigrationError
 */
export async function applyPlan(
  url: string,
  plan: AdoptionPlan,
  watcher: LineWatcher,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  await withAlteringSession(url, signal, async (session) => {
    if (await has(session, ROOT))
      throw new AdoptionRefused('Silgi’s own tables of patients are in this database: it is no hospital’s.');
    await makeLines(session, plan.pseudonyms(), watcher, signal);
  });
  await migrate(url, say, ANCHOR);
  await withAlteringSession(url, signal, (session) => makeLines(session, plan.tables(), watcher, signal));
}

/**
 * Takes all of it away again, Silgi's own records included. One that was interrupted is brought to its end by the next.
 *
 * @param mayLoseLog whether the audit log and the records may go
 * @throws AdoptionRefused where nothing was applied, where rows of deleted patients would be lost, or the log would and
 *   may not; RevertRefused while a service or a command is connected
 */
export async function undoPlan(
  url: string,
  plan: AdoptionPlan,
  { mayLoseLog, ...told }: { mayLoseLog: boolean; watcher: LineWatcher; say: (line: string) => void },
  signal?: AbortSignal,
): Promise<void> {
  const { watcher, say } = told;
  const isAdopted = await withAlteringSession(url, signal, async (session) => {
    const [first] = plan.pseudonyms();
    if (first === undefined || !(await isThere(session, first)))
      throw new AdoptionRefused('This database has nothing that apply has made.');
    await assertNobodyIsConnected(session);
    for (const vault of plan.vaults())
      if (await hasRows(session, quotedName(vault)))
        throw new AdoptionRefused(
          `Rows of deleted patients are in ${quotedName(vault)}: they would be lost.`,
        );
    // Behind the table of the pseudonyms, what is called as Silgi's records are is somebody else's.
    const adopted = await has(session, ANCHOR);
    if (adopted && !mayLoseLog && (await hasRows(session, EVENTS)))
      throw new AdoptionRefused('The audit log would be lost: export it, and say so by --with-audit-log.');
    await takeLinesAway(session, plan.tables(), watcher, signal);
    return adopted;
  });
  if (isAdopted) {
    for (let undone = await revert(url, say); undone !== undefined; undone = await revert(url, say))
      say(`Migration ${undone} was undone.`);
  }
  await withAlteringSession(url, signal, async (session) => {
    if (isAdopted) await session.query(`DROP TABLE IF EXISTS ${MIGRATIONS_SCHEMA}.${MIGRATIONS_TABLE}`);
    await session.query(
      `DO $$ BEGIN IF to_regrole('silgi_owner') IS NOT NULL THEN
         EXECUTE format('REVOKE CREATE ON DATABASE %I FROM silgi_owner', current_database()); END IF; END $$`,
    );
    await takeLinesAway(session, plan.pseudonyms(), watcher, signal);
  });
}

/** @param table schema and name as SQL writes them */
async function has(session: AlteringSession, table: string): Promise<boolean> {
  const [found] = await session.query<{ has: boolean }>('SELECT to_regclass($1) IS NOT NULL AS has', [table]);
  return found?.has === true;
}

/** @param table which need not be there */
async function hasRows(session: AlteringSession, table: string): Promise<boolean> {
  return (await has(session, table)) && (await session.query(`SELECT FROM ${table} LIMIT 1`)).length > 0;
}
