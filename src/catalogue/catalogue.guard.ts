import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline } from '../postgres/index.js';
import {
  type Blocker,
  IS_DELETED,
  literal,
  LIVE,
  MARK,
  PATIENT_ID,
  patientOwnedTables,
  ROOT,
  SHARDS,
  type ShardName,
  tablesKeptOnDeletion,
} from '../shards/index.js';
import { CATALOGUE_FINGERPRINT, LINKED_TABLES, type LinkedTable, STRUCTURE } from './catalogue.queries.js';

const KEY = { column: PATIENT_ID, type: 'uuid' } as const;

/** Why a table of the live catalogue stands in the way of every deletion. */
export interface UndeclaredTable {
  /** Schema and name. */
  readonly table: string;
  readonly why: string;
}

/** What a rescan found after the marks. */
export interface Rescan {
  /** Tables that have appeared since the vote, and that nobody declares. */
  readonly vetoes: readonly Blocker[];
  /** Tables in which the patient has live rows. */
  readonly remaining: readonly {
    readonly shard: ShardName;
    readonly schema: string;
    readonly table: string;
  }[];
}

/** Says whether the catalogue is as it was when it was read. */
interface Fingerprint {
  readonly structure: string;
  readonly columns: string;
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
  private last: Reading = { structure: 'never read', columns: '', undeclared: [], rescan: rescanOf([]) };

  /** Every table that would make a deletion incomplete, as vetoes. */
  async vote(manager: EntityManager): Promise<Blocker[]> {
    const answers = await runInPipeline(manager, [{ text: CATALOGUE_FINGERPRINT, values: [] }]);
    const [[[structure, columns]]] = answers as unknown as [[[string, string]]];
    return vetoesOf(await this.read(manager, { structure, columns }));
  }

  /** The same as {@link vote} in the words of the integrity report and of readiness, always read in full. */
  async undeclaredTables(manager: EntityManager): Promise<readonly UndeclaredTable[]> {
    return (await this.readInFull(manager, await fingerprint(manager))).undeclared;
  }

  /**
   * Looks once more, with the catalogue as it is now, for a live row of the patient in any table that has
   * deletion columns, declared or not.
   */
  async rescan(manager: EntityManager, patientId: string): Promise<Rescan> {
    let reading = this.last;
    let found = await probe(manager, reading, patientId);
    if (found.structure !== reading.structure) {
      reading = await this.readInFull(manager, await fingerprint(manager));
      found = await probe(manager, reading, patientId);
    }
    const remaining = found.remaining.map(([schema, table]) => ({ shard: shardOf(schema), schema, table }));
    return { vetoes: vetoesOf(reading), remaining };
  }

  /** A reading that vetoes is never kept: what was in the way may have gone unseen by the fingerprint. */
  private async read(manager: EntityManager, now: Fingerprint): Promise<Reading> {
    const { structure, columns, undeclared } = this.last;
    if (now.structure === structure && now.columns === columns && undeclared.length === 0) return this.last;
    return this.readInFull(manager, now);
  }

  /** The fingerprint is taken first: what changes after it shows in the next one. */
  private async readInFull(manager: EntityManager, taken: Fingerprint): Promise<Reading> {
    const linked = await manager.query<LinkedTable[]>(LINKED_TABLES, []);
    this.last = { ...taken, undeclared: undeclaredAmong(linked), rescan: rescanOf(linked) };
    return this.last;
  }
}

async function fingerprint(manager: EntityManager): Promise<Fingerprint> {
  const [now] = await manager.query<[Fingerprint]>(CATALOGUE_FINGERPRINT, []);
  return now;
}

/** The structure as it is now, and schema and name of every table in which the patient has live rows. */
async function probe(
  manager: EntityManager,
  { rescan }: Reading,
  patientId: string,
): Promise<{ structure: string; remaining: [schema: string, table: string][] }> {
  const answers = await runInPipeline(manager, [{ text: rescan, values: [patientId] }]);
  const [[[structure], ...rows]] = answers as unknown as [[[string], ...[null, string, string][]]];
  return { structure, remaining: rows.map(([, schema, table]) => [schema, table]) };
}

function rescanOf(linked: readonly LinkedTable[]): string {
  const probes = linked
    .filter((table) => table.hasPatientId && table.hasDeletionColumns)
    .map(
      ({ schema, table }) =>
        `SELECT NULL, ${literal(schema)}, ${literal(table)} WHERE ${MARK.hasLive({ schema, table, key: KEY })}`,
    );
  const structure = `SELECT ${STRUCTURE} AS structure, NULL AS schema, NULL AS table WHERE $1::uuid IS NOT NULL`;
  return `${[structure, ...probes].join(' UNION ALL ')} ORDER BY 1 NULLS LAST, 2, 3`;
}

function undeclaredAmong(linked: readonly LinkedTable[]): UndeclaredTable[] {
  const name = ({ shard, table }: { shard: string; table: string }) => `${shard}.${table}`;
  const owned = new Set(patientOwnedTables().map(name));
  const kept = new Set(tablesKeptOnDeletion().map(name));
  const found = new Map(linked.map((table) => [`${table.schema}.${table.table}`, table]));
  const undeclared: UndeclaredTable[] = [];
  for (const [table, { kind, hasDeletionColumns, hasLiveKey }] of found) {
    if (kept.has(table)) continue;
    if (!owned.has(table))
      undeclared.push({ table, why: `a ${kind} linked to patients that no shard declares` });
    else if (!hasDeletionColumns)
      undeclared.push({ table, why: `the columns ${IS_DELETED} and ${LIVE} are missing` });
    else if (!hasLiveKey && table !== ROOT) {
      undeclared.push({
        table,
        why: `the live foreign key (${PATIENT_ID}, ${LIVE}) is missing or not enforced`,
      });
    }
  }
  for (const table of owned) {
    if (!found.has(table)) undeclared.push({ table, why: 'declared by a shard, but not in the database' });
  }
  return undeclared;
}

function vetoesOf({ undeclared }: Reading): Blocker[] {
  return undeclared.map(({ table, why }) => ({
    shard: shardOf(table.split('.')[0]),
    code: 'UNDECLARED_TABLE',
    detail: `${table}: ${why}.`,
  }));
}

/** The shard whose schema this is; what lies in no shard's schema is the home shard's concern. */
function shardOf(schema: string | undefined): ShardName {
  return SHARDS.find((shard) => shard === schema) ?? 'patient';
}
