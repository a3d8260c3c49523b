import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline, type TableStatement } from '../postgres/index.js';
import {
  adoptedTables,
  type Blocker,
  type DeletionKey,
  IS_DELETED,
  literal,
  LIVE,
  MARK,
  PATIENT_ID,
  patientOwnedTables,
  reportedName,
  ROOT,
  SHARDS,
  type ShardName,
  tablesKeptOnDeletion,
} from '../shards/index.js';
import { flawsOfAdopted } from './adopted.flaws.js';
import { catalogueQueries, type FoundTable, type ReplicaMode } from './catalogue.queries.js';

/** What stands in the place of a table's name where all of them are meant. */
export const EVERY_TABLE = '*';

/** Why a table of the live catalogue stands in the way of every deletion. */
export interface UndeclaredTable {
  /** Schema and name; `*` where every table is concerned. */
  readonly table: string;
  readonly why: string;
}

/** What a rescan found after the marks, or after they were taken back. */
export interface Rescan {
  /** Tables that have appeared since the vote, and that nobody declares. */
  readonly vetoes: readonly Blocker[];
  /** Tables in which rows remain: live ones of a deleted patient, or such as still carry the id of a deletion. */
  readonly remaining: readonly {
    readonly shard: ShardName;
    readonly schema: string;
    readonly table: string;
    /** What counts and problems call it. */
    readonly name: string;
  }[];
}

/** Says whether the catalogue is as it was when it was read. */
interface Fingerprint {
  readonly structure: string;
  readonly rest: string;
}

/** What the catalogue held when it was last read in full, and what follows from it. */
interface Reading extends Fingerprint {
  readonly undeclared: readonly UndeclaredTable[];
  /** One statement that takes the structure again and names the tables in which a patient ($1) has live rows. */
  readonly rescan: string;
}

/**
 * Holds what the code declares against what the live database has; votes with the shards in Prepare. The
 * catalogue is read in full only when its fingerprint has changed since the last time.
 */
@Injectable()
export class CatalogueGuard {
  private readonly adopted = adoptedTables();
  private readonly queries = catalogueQueries(this.adopted);
  private last: Reading = { structure: 'never read', rest: '', undeclared: [], rescan: this.rescanOf([]) };

  /** Every table that would make a deletion incomplete, as vetoes. */
  async vote(manager: EntityManager): Promise<Blocker[]> {
    const answers = await runInPipeline(manager, [{ text: this.queries.fingerprint, values: [] }]);
    const [[[structure, rest]]] = answers as unknown as [[[string, string]]];
    return vetoesOf(await this.read(manager, { structure, rest }));
  }

  /** The same as {@link vote} in the words of the integrity report and of readiness, always read in full. */
  async undeclaredTables(manager: EntityManager): Promise<readonly UndeclaredTable[]> {
    return (await this.readInFull(manager, await this.fingerprint(manager))).undeclared;
  }

  /**
   * Looks once more, with the catalogue as it is now, for a live row of the patient in any table that has
   * deletion columns, declared or not.
   */
  async rescan(manager: EntityManager, patientId: string): Promise<Rescan> {
    return this.look(manager, ({ rescan }) => ({ text: rescan, values: [patientId] }));
  }

  /** Looks with the catalogue as it is now for a row of the patient that carries the id of a deletion. */
  async rescanMarks(manager: EntityManager, { patientId, deletionId }: DeletionKey): Promise<Rescan> {
    return this.look(manager, () => ({
      text: this.lookFor(markedByDeletion()),
      values: [patientId, deletionId],
    }));
  }

  private async look(
    manager: EntityManager,
    statementOf: (reading: Reading) => TableStatement,
  ): Promise<Rescan> {
    let reading = this.last;
    let found = await probe(manager, statementOf(reading));
    if (found.structure !== reading.structure) {
      reading = await this.readInFull(manager, await this.fingerprint(manager));
      found = await probe(manager, statementOf(reading));
    }
    const remaining = found.remaining.map(([schema, table]) => ({
      shard: shardOf(`${schema}.${table}`),
      schema,
      table,
      name: reportedName({ schema, table }),
    }));
    return { vetoes: vetoesOf(reading), remaining };
  }

  /** A reading that vetoes is never kept: what was in the way may have gone unseen by the fingerprint. */
  private async read(manager: EntityManager, now: Fingerprint): Promise<Reading> {
    const { structure, rest, undeclared } = this.last;
    if (now.structure === structure && now.rest === rest && undeclared.length === 0) return this.last;
    return this.readInFull(manager, now);
  }

  /** The fingerprint is taken first: what changes after it shows in the next one. */
  private async readInFull(manager: EntityManager, taken: Fingerprint): Promise<Reading> {
    const found = await manager.query<FoundTable[]>(this.queries.tablesToDeclare, []);
    const replicas = await manager.query<ReplicaMode[]>(this.queries.replicaMode, []);
    const flaws = this.adopted === undefined ? [] : await flawsOfAdopted(manager, this.adopted);
    const undeclared = [
      ...undeclaredAmong(found, this.adopted === undefined),
      ...flaws,
      ...replicas.map(replicaMode),
    ];
    this.last = { ...taken, undeclared, rescan: this.rescanOf(found) };
    return this.last;
  }

  private async fingerprint(manager: EntityManager): Promise<Fingerprint> {
    const [now] = await manager.query<[Fingerprint]>(this.queries.fingerprint, []);
    return now;
  }

  private rescanOf(found: readonly FoundTable[]): string {
    return this.lookFor(this.adopted === undefined ? markedAmong(found) : adoptedAmong(found));
  }

  /** One statement that takes the structure and names the tables of which a condition on a patient ($1) holds. */
  private lookFor(tables: readonly Probed[]): string {
    const probes = tables.map(
      ({ schema, table, holds }) => `SELECT NULL, ${literal(schema)}, ${literal(table)} WHERE ${holds}`,
    );
    const structure = `SELECT ${this.queries.structure} AS structure, NULL AS schema, NULL AS table WHERE $1::uuid IS NOT NULL`;
    return `${[structure, ...probes].join(' UNION ALL ')} ORDER BY 1 NULLS LAST, 2, 3`;
  }
}

/** The structure as it is now, and schema and name of every table in which a rescan has found rows. */
async function probe(
  manager: EntityManager,
  rescan: TableStatement,
): Promise<{ structure: string; remaining: [schema: string, table: string][] }> {
  const answers = await runInPipeline(manager, [rescan]);
  const [[[structure], ...rows]] = answers as unknown as [[[string], ...[null, string, string][]]];
  return { structure, remaining: rows.map(([, schema, table]) => [schema, table]) };
}

/** A table with the condition that a patient has a row in it that a rescan looks for. */
interface Probed {
  readonly schema: string;
  readonly table: string;
  readonly holds: string;
}

/** Declared or not. */
function markedAmong(found: readonly FoundTable[]): Probed[] {
  return found
    .filter((table) => table.hasPatientId && table.hasDeletionColumns)
    .map(({ schema, table }) => ({ schema, table, holds: MARK.hasLive({ schema, table }) }));
}

/** Rows that carry the id of a deletion ($2): those are in declared tables alone. */
function markedByDeletion(): Probed[] {
  return patientOwnedTables().map((owned) => ({ ...owned, holds: owned.strategy.carries(owned) }));
}

/** Whatever is not declared vetoes. */
function adoptedAmong(found: readonly FoundTable[]): Probed[] {
  const names = new Set(found.map(nameOf));
  return patientOwnedTables()
    .filter((table) => names.has(nameOf(table)))
    .map((owned) => ({ ...owned, holds: owned.strategy.hasLive(owned) }));
}

const nameOf = ({ schema, table }: { readonly schema: string; readonly table: string }) =>
  `${schema}.${table}`;

/** @param isMarked whether the rows of declared tables are hidden by marks */
function undeclaredAmong(tables: readonly FoundTable[], isMarked: boolean): UndeclaredTable[] {
  const owned = new Set(patientOwnedTables().map(nameOf));
  const kept = new Set(tablesKeptOnDeletion().map(nameOf));
  const found = new Map(tables.map((table) => [nameOf(table), table]));
  const undeclared: UndeclaredTable[] = [];
  for (const [table, about] of found) {
    if (kept.has(table)) continue;
    const why = owned.has(table) ? unguarded(table, about, isMarked) : undeclaredFor(about);
    if (why !== undefined) undeclared.push({ table, why });
  }
  for (const table of owned) {
    if (!found.has(table)) undeclared.push({ table, why: 'declared by a shard, but not in the database' });
  }
  return undeclared;
}

function undeclaredFor({ kind, isLinked, linkedTo }: FoundTable): string {
  const path = linkedTo === null ? '' : ` by a foreign key to ${linkedTo}`;
  const where = isLinked ? `linked to patients${path}` : 'in the schema of a shard';
  return `a ${kind} ${where} that no shard declares`;
}

/** What a declared table lacks, or lets happen to its rows. */
function unguarded(table: string, about: FoundTable, isMarked: boolean): string | undefined {
  if (isMarked && !about.hasDeletionColumns) return `the columns ${IS_DELETED} and ${LIVE} are missing`;
  if (isMarked && !about.hasGeneratedLive) return `${LIVE} is not generated from ${IS_DELETED}`;
  if (isMarked && !about.hasLiveKey && table !== ROOT)
    return `the live foreign key (${PATIENT_ID}, ${LIVE}) is missing or not enforced`;
  // What else a table of the hospital's own has to be is asked for with its declaration.
  if (!isMarked && !LEAVES.has(about.kind)) return `no row leaves a ${about.kind}`;
  if (about.hidesRows) return 'a policy of row-level security hides rows of it from the service';
  return undefined;
}

/** Kinds of tables whose rows can leave within the transaction. */
const LEAVES = new Set<FoundTable['kind']>(['table', 'partitioned table']);

function replicaMode({ subject, remedy }: ReplicaMode): UndeclaredTable {
  const why = `foreign keys do not hold for ${subject} (session_replication_role = replica); take it back: ${remedy}`;
  return { table: EVERY_TABLE, why };
}

function vetoesOf({ undeclared }: Reading): Blocker[] {
  return undeclared.map(({ table, why }) => ({
    shard: shardOf(table),
    code: table === EVERY_TABLE ? 'FOREIGN_KEYS_OFF' : 'UNDECLARED_TABLE',
    detail: table === EVERY_TABLE ? `In every table, ${why}.` : `${table}: ${why}.`,
  }));
}

/** The shard that declares the table, or whose schema it lies in; any other is the home shard's concern. */
function shardOf(name: string): ShardName {
  return declarationOf(name)?.shard ?? SHARDS.find((shard) => name.startsWith(`${shard}.`)) ?? 'patient';
}

const declarationOf = (name: string) => patientOwnedTables().find((table) => nameOf(table) === name);
