import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import {
  IS_DELETED,
  LIVE,
  PATIENT_ID,
  patientOwnedTables,
  ROOT,
  rootTable,
  type ShardName,
  type TableDeclaration,
} from '../shards/index.js';
import { unhurried } from '../postgres/index.js';
import { CatalogueGuard, type UndeclaredTable } from './catalogue.guard.js';

/** Rows of one table that no deletion may leave behind. */
export interface Orphans {
  readonly shard: ShardName;
  readonly table: string;
  readonly rows: number;
}

/** A deletion record and its audit event that do not stand for each other. */
export interface Mismatch {
  readonly what: 'DELETION_WITHOUT_AUDIT_EVENT' | 'AUDIT_EVENT_WITHOUT_DELETION' | 'HALF_DELETION';
  readonly rows: number;
}

/** What a scan of the whole database found. `healthy` is true only where every list is empty. */
export interface IntegrityReport {
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  /** Live rows of deleted patients, and rows without a patient; only tables that have some. */
  readonly orphans: readonly Orphans[];
  /** Tables linked to patients that no shard declares, or whose live foreign key is missing or off. */
  readonly undeclaredTables: readonly UndeclaredTable[];
  /** Tables whose generated column, privileges or row-level security are not as they were made. */
  readonly drift: readonly UndeclaredTable[];
  readonly mismatches: readonly Mismatch[];
  readonly healthy: boolean;
}

/** Records and events that do not match (RELIABILITY N1 to N3), each as a count. */
const MISMATCHES = `
  SELECT 'DELETION_WITHOUT_AUDIT_EVENT' AS what, count(*) AS rows FROM patient.sharded_patient_deletion d
  WHERE NOT EXISTS (SELECT FROM audit.sharded_audit_event e WHERE e.${PATIENT_ID} = d.${PATIENT_ID}
    AND e.deletion_id = d.deletion_id AND e.audit_event_id = d.audit_event_id AND e.action = 'SYSTEM_DELETE_PATIENT')
  UNION ALL
  SELECT 'AUDIT_EVENT_WITHOUT_DELETION', count(*) FROM audit.sharded_audit_event e
  WHERE e.action = 'SYSTEM_DELETE_PATIENT' AND NOT EXISTS (SELECT FROM patient.sharded_patient_deletion d
    WHERE d.${PATIENT_ID} = e.${PATIENT_ID} AND d.deletion_id = e.deletion_id)
  UNION ALL
  SELECT 'HALF_DELETION', count(*) FROM patient.sharded_patient_deletion d
  WHERE d.state = 'DELETED' AND NOT EXISTS (SELECT FROM ${ROOT} p
    WHERE p.${PATIENT_ID} = d.${PATIENT_ID} AND p.deletion_id = d.deletion_id AND p.${IS_DELETED})`;

/**
 * Of every table with the columns of the protocol: whether `live` is still generated from `is_deleted`, whether
 * row-level security is on with both policies, and whether the relevant user may do more than read.
 */
const DRIFT = `
  SELECT n.nspname || '.' || c.relname AS table, concat_ws('; ',
    CASE WHEN coalesce(pg_get_expr(g.adbin, g.adrelid), '') !~ 'WHEN \\(?NOT ${IS_DELETED}\\)? THEN true'
      OR a.attgenerated <> 's' THEN '${LIVE} is not generated from ${IS_DELETED}' END,
    CASE WHEN NOT c.relrowsecurity THEN 'row-level security is off' END,
    CASE WHEN (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid
      AND p.polname IN ('silgi_service_sees_all', 'relevant_user_sees_live')) < 2 THEN 'a policy is missing' END,
    CASE WHEN EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid
      AND p.polname NOT IN ('silgi_service_sees_all', 'relevant_user_sees_live')) THEN 'a policy was added' END,
    CASE WHEN EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT CASE p.polname
        WHEN 'relevant_user_sees_live' THEN p.polcmd = 'r' AND p.polroles = ARRAY['relevant_user'::regrole::oid]
          AND pg_get_expr(p.polqual, p.polrelid) ~ '^\\(?NOT ${IS_DELETED}\\)?$'
        WHEN 'silgi_service_sees_all' THEN p.polcmd = '*' AND p.polroles = ARRAY['silgi_service'::regrole::oid]
          AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND pg_get_expr(p.polwithcheck, p.polrelid) = 'true'
        ELSE true END) THEN 'a policy was changed' END,
    CASE WHEN has_table_privilege('relevant_user', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
      OR has_any_column_privilege('relevant_user', c.oid, 'INSERT, UPDATE')
      THEN 'relevant_user may write' END) AS why
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '${LIVE}' AND NOT a.attisdropped
  LEFT JOIN pg_attrdef g ON g.adrelid = c.oid AND g.adnum = a.attnum
  WHERE n.nspname || '.' || c.relname = ANY ($1) ORDER BY 1`;

/** Looks at every patient-owned table of the whole database, table by table. Reads only. */
@Injectable()
export class IntegrityScan {
  constructor(
    private readonly manager: EntityManager,
    private readonly catalogue: CatalogueGuard,
  ) {}

  /**
   * @param progress is told of every table before it is scanned, with how many there are
   * @throws the database's own error where it cannot be read; nothing is changed by a scan
   */
  run(
    progress: (table: string, index: number, of: number) => void = () => undefined,
  ): Promise<IntegrityReport> {
    return unhurried(this.manager, (manager) => this.scan(manager, progress));
  }

  private async scan(
    manager: EntityManager,
    progress: (table: string, index: number, of: number) => void,
  ): Promise<IntegrityReport> {
    const undeclaredTables = await this.catalogue.undeclaredTables(manager);
    const tables = await scannableTables(manager);
    const orphans: Orphans[] = [];
    for (const [index, table] of tables.entries()) {
      progress(nameOf(table), index, tables.length);
      const rows = nameOf(table) === ROOT ? 0 : await orphansIn(manager, table);
      if (rows > 0) orphans.push({ shard: table.shard, table: table.table, rows });
    }
    const drift = await driftOf(manager, tables.map(nameOf));
    const mismatches = (await manager.query<{ what: Mismatch['what']; rows: string }[]>(MISMATCHES))
      .map(({ what, rows }) => ({ what, rows: Number(rows) }))
      .filter(({ rows }) => rows > 0);
    const healthy = [orphans, undeclaredTables, drift, mismatches].every((list) => list.length === 0);
    return { checkedAt: new Date().toISOString(), orphans, undeclaredTables, drift, mismatches, healthy };
  }
}

const nameOf = ({ schema, table }: TableDeclaration) => `${schema}.${table}`;

/** Declared tables that are there with the columns to scan; one without its keys is scanned all the more. */
async function scannableTables(manager: EntityManager): Promise<TableDeclaration[]> {
  const declared = patientOwnedTables();
  const found = await manager.query<{ name: string }[]>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE 2 = (SELECT count(*) FROM pg_attribute
     WHERE attrelid = to_regclass(name) AND attname IN ('${PATIENT_ID}', '${IS_DELETED}') AND NOT attisdropped)`,
    [declared.map(nameOf)],
  );
  const names = new Set(found.map(({ name }) => name));
  return declared.filter((table) => names.has(nameOf(table)));
}

async function orphansIn(manager: EntityManager, table: TableDeclaration): Promise<number> {
  const [found] = await manager.query<{ rows: string }[]>(table.strategy.countOrphans(table, rootTable()));
  return Number(found?.rows);
}

async function driftOf(manager: EntityManager, tables: string[]): Promise<UndeclaredTable[]> {
  const [roles] = await manager.query<{ complete: boolean; unbound: boolean }[]>(
    `SELECT to_regrole('relevant_user') IS NOT NULL AND to_regrole('silgi_service') IS NOT NULL AS complete,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'relevant_user' AND (rolbypassrls OR rolsuper)) AS unbound`,
  );
  if (roles?.complete !== true) return [{ table: '*', why: 'the database roles are missing' }];
  const found = await manager.query<UndeclaredTable[]>(DRIFT, [tables]);
  const unbound = { table: '*', why: 'row-level security does not bind relevant_user' };
  return [...(roles.unbound ? [unbound] : []), ...found.filter(({ why }) => why !== '')];
}
