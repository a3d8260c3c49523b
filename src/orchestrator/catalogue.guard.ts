import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  type Blocker,
  DeletionVetoed,
  patientOwnedTables,
  SHARDS,
  ShardFailed,
  type ShardName,
  tablesKeptOnDeletion,
} from '../common/index.js';
import { pointOf } from './step.failure.js';

/** A table of the live database that is linked to patients, and what the database says of its keys. */
interface LinkedTable {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'table' | 'partitioned' | 'foreign' | 'materialized';
  readonly hasPatientId: boolean;
  readonly hasDeletionColumns: boolean;
  readonly hasLiveKey: boolean;
}

/** Why a table of the live catalogue stands in the way of every deletion. */
export interface UndeclaredTable {
  /** Schema and name. */
  readonly table: string;
  readonly why: string;
}

/**
 * Finds every table that is linked to patients: by a `patient_id` column, or by a foreign key, however long the
 * path, to one that is. Partitions are their parent's concern; views hold no rows of their own; a materialized
 * view and a foreign table hold copies that no live foreign key can reach. A live foreign key counts only when
 * it is validated, enforced and its triggers are on.
 */
const LINKED_TABLES = `
  WITH RECURSIVE relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ), linked AS (
    SELECT r.oid FROM relation r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'patient_id' AND NOT a.attisdropped
    UNION
    SELECT r.oid FROM linked l JOIN pg_constraint k ON k.confrelid = l.oid AND k.contype = 'f'
    JOIN relation r ON r.oid = k.conrelid
  )
  SELECT r.nspname AS schema, r.relname AS table,
    CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign'
      ELSE 'materialized' END AS kind,
    has.patient_id AS "hasPatientId", has.deletion_columns AS "hasDeletionColumns",
    EXISTS (
      SELECT FROM pg_constraint k
      WHERE k.conrelid = r.oid AND k.contype = 'f' AND k.convalidated
        AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
        AND k.confrelid = 'patient.sharded_patient_demographics'::regclass
        AND has.live_key = (SELECT array_agg(a.attname::text ORDER BY u.position)
          FROM unnest(k.conkey) WITH ORDINALITY u(number, position)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number)
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled IN ('D', 'R'))
    ) AS "hasLiveKey"
  FROM linked JOIN relation r USING (oid)
  CROSS JOIN LATERAL (
    SELECT bool_or(attname = 'patient_id') AS patient_id,
      count(*) FILTER (WHERE attname IN ('is_deleted', 'live')) = 2 AS deletion_columns,
      ARRAY['patient_id', 'live'] AS live_key
    FROM pg_attribute WHERE attrelid = r.oid AND NOT attisdropped
  ) has
  ORDER BY 1, 2`;

/** Holds what the code declares against what the live database has; votes with the shards in Prepare. */
@Injectable()
export class CatalogueGuard {
  /** Every table that would make a deletion incomplete, as vetoes. */
  async vote(manager: EntityManager): Promise<Blocker[]> {
    return vetoesOf(await this.linkedTables(manager));
  }

  /** The same as {@link vote} in the words of the integrity report and of readiness. */
  async undeclaredTables(manager: EntityManager): Promise<UndeclaredTable[]> {
    return undeclaredAmong(await this.linkedTables(manager));
  }

  /**
   * Looks once more, with the catalogue as it is now, for a live row of the patient in any table that has
   * deletion columns, declared or not.
   *
   * @throws DeletionVetoed where an undeclared table has appeared since the vote
   * @throws ShardFailed naming the table in which live rows remain
   */
  async rescan(manager: EntityManager, patientId: string): Promise<void> {
    const linked = await this.linkedTables(manager);
    const vetoes = vetoesOf(linked);
    if (vetoes.length > 0) throw new DeletionVetoed(vetoes);
    const scanned = linked.filter((table) => table.hasPatientId && table.hasDeletionColumns);
    const remaining = await manager.query<{ schema: string; table: string }[]>(
      scanned
        .map(
          ({ schema, table }) =>
            `SELECT ${literal(schema)} AS schema, ${literal(table)} AS table
             WHERE EXISTS (SELECT FROM ${identifier(schema)}.${identifier(table)} WHERE patient_id = $1 AND NOT is_deleted)`,
        )
        .join(' UNION ALL '),
      [patientId],
    );
    const [first] = remaining;
    if (first !== undefined) {
      const names = remaining.map(({ schema, table }) => `${schema}.${table}`).join(', ');
      throw new ShardFailed(`Live rows of the patient remain in ${names}.`, {
        ...pointOf('rescan', first.table),
        shard: shardOf(first.schema),
      });
    }
  }

  private linkedTables(manager: EntityManager): Promise<LinkedTable[]> {
    return manager.query<LinkedTable[]>(LINKED_TABLES);
  }
}

function undeclaredAmong(linked: readonly LinkedTable[]): UndeclaredTable[] {
  const name = ({ shard, table }: { shard: string; table: string }) => `${shard}.${table}`;
  const owned = new Set(patientOwnedTables().map(name));
  const kept = new Set(tablesKeptOnDeletion().map(name));
  const root = 'patient.sharded_patient_demographics';
  const found = new Map(linked.map((table) => [`${table.schema}.${table.table}`, table]));
  const undeclared: UndeclaredTable[] = [];
  for (const [table, { kind, hasDeletionColumns, hasLiveKey }] of found) {
    if (kept.has(table)) continue;
    if (!owned.has(table))
      undeclared.push({ table, why: `a ${kind} linked to patients that no shard declares` });
    else if (!hasDeletionColumns)
      undeclared.push({ table, why: 'the columns is_deleted and live are missing' });
    else if (!hasLiveKey && table !== root) {
      undeclared.push({ table, why: 'the live foreign key (patient_id, live) is missing or not enforced' });
    }
  }
  for (const table of owned) {
    if (!found.has(table)) undeclared.push({ table, why: 'declared by a shard, but not in the database' });
  }
  return undeclared;
}

function vetoesOf(linked: readonly LinkedTable[]): Blocker[] {
  return undeclaredAmong(linked).map(({ table, why }) => ({
    shard: shardOf(table.split('.')[0]),
    code: 'UNDECLARED_TABLE',
    detail: `${table}: ${why}.`,
  }));
}

/** The shard whose schema this is; what lies in no shard's schema is the home shard's concern. */
function shardOf(schema: string | undefined): ShardName {
  return SHARDS.find((shard) => shard === schema) ?? 'patient';
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
