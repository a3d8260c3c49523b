import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import {
  adoptedTables,
  ANCHOR,
  IS_DELETED,
  PATIENT_ID,
  patientOwnedTables,
  ROOT,
  rootTable,
  type ShardName,
  quotedName,
  type TableDeclaration,
  VAULT_COLUMNS,
} from '../shards/index.js';
import { BOUND_ROLES, type GrantedTable, OWNER_ROLE, unhurried } from '../postgres/index.js';
import { sqlstateOf } from '../common/index.js';
import { CatalogueGuard, EVERY_TABLE, type UndeclaredTable } from './catalogue.guard.js';
import { COLUMNS_OF_TABLES, grantedOn, ROLE_DRIFT, TABLE_DRIFT } from './drift.queries.js';
import { foreignTriggers } from './foreign.triggers.js';
import { mismatchesWith } from './record.mismatches.js';
import { contradictingRecords } from './record.comparison.js';
import { type RowsOfNobody, rowsOfNobody } from './rows.of.nobody.js';
import { unregisteredPatients } from './unregistered.patients.js';
import { type UnwatchedSchema, unwatchedSchemas } from './unwatched.schemas.js';

/** Rows of one table that no deletion may leave behind. */
export interface Orphans {
  readonly shard: ShardName;
  readonly table: string;
  readonly rows: number;
}

/** A deletion record and its audit events that do not stand for each other. */
export interface Mismatch {
  readonly what:
    | 'DELETION_WITHOUT_AUDIT_EVENT'
    | 'AUDIT_EVENT_WITHOUT_DELETION'
    | 'HALF_DELETION'
    /** Records that are called undone by no event of the log. */
    | 'RESTORATION_WITHOUT_AUDIT_EVENT'
    /** Events of restorations of which the record tells nothing, or that of another. */
    | 'AUDIT_EVENT_WITHOUT_RESTORATION'
    /** Holds of which one of their events is not in the log or says otherwise, and such that were released without any. */
    | 'LEGAL_HOLD_WITHOUT_AUDIT_EVENT'
    /** Events of holds that are not there or say nothing of it, or of several. */
    | 'AUDIT_EVENT_WITHOUT_LEGAL_HOLD'
    /** Requests of which one of their events is not in the log or says otherwise. */
    | 'ERASURE_REQUEST_WITHOUT_AUDIT_EVENT'
    /** Events of requests that are not there or say nothing of it. */
    | 'AUDIT_EVENT_WITHOUT_ERASURE_REQUEST'
    /** Destructions of which the event is not in the log or says otherwise. */
    | 'DESTRUCTION_WITHOUT_AUDIT_EVENT'
    | 'AUDIT_EVENT_WITHOUT_DESTRUCTION'
    /** Deletions that are called destroyed without the destruction that left nothing, or the other way round. */
    | 'DESTRUCTION_CONTRADICTS_DELETION'
    | 'RECORD_CONTRADICTS_AUDIT_EVENT'
    /** Records in a state that no step of the product leaves behind. */
    | 'RECORD_NOT_DELETED'
    /** Records that tell of another number of rows than carry their deletion's id. */
    | 'RECORD_DIFFERS_FROM_ROWS'
    /** Rows with the id of a deletion of which there is no record for their patient. */
    | 'MARK_WITHOUT_RECORD'
    /** Rows that are hidden still by a deletion that was undone. */
    | 'MARK_OF_RESTORED_DELETION'
    /** Records whose rows do not all carry the time of the deletion. */
    | 'MARK_WITH_ANOTHER_TIME'
    /** Rows that carry the id of a deletion and are not hidden. */
    | 'LIVE_ROW_WITH_MARK';
  /** Schema and name of the table, where rows of one are meant. */
  readonly table?: string;
  readonly rows: number;
  /** Of records that contradict their events: the fields in which they do. */
  readonly fields?: readonly string[];
}

/**
 * What a scan of the whole database found. `healthy` is true only where every list is empty but those of the rows that
 * nobody has and of the schemas of which it knows nothing.
 */
export interface IntegrityReport {
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  /** Live rows of deleted patients, and rows without a patient; only tables that have some. */
  readonly orphans: readonly Orphans[];
  /** Tables linked to patients that no shard declares, or whose live foreign key is missing or off. */
  readonly undeclaredTables: readonly UndeclaredTable[];
  /** Tables whose generated column, owner, privileges, row-level security or triggers are not as they were made; roles. */
  readonly drift: readonly UndeclaredTable[];
  readonly mismatches: readonly Mismatch[];
  /** Rows of a hospital's own tables that no patient has: what is healthy is the rest. */
  readonly rowsOfNobody: readonly RowsOfNobody[];
  /** Schemas that hold tables and belong to no shard: what is healthy is the rest. */
  readonly unwatchedSchemas: readonly UnwatchedSchema[];
  readonly healthy: boolean;
}

/** The rows of one table in a record. Parameters: shard and table as records name them. */
const rowsIn = (column: string) => `coalesce((jsonb_path_query_first(${column},
      '$[*] ? (@.shard == $shard).resources[*] ? (@.table == $table).rows',
      jsonb_build_object('shard', $1::text, 'table', $2::text)))::bigint, 0)`;

/**
 * Holds the record of every deletion against the rows of one table that carry its id: each is read once. Rows that
 * the hospital's own system hid before carry none, and are no deletion's. What was destroyed of it since is there no more.
 * Parameters: shard and table as records name them.
 */
const marksAgainstRecords = (table: TableDeclaration) => `
  WITH mark AS (${table.strategy.sumOfMarks(table)}), destroyed AS (
    SELECT ${PATIENT_ID}, deletion_id, sum(${rowsIn('deletion_shards')}) AS rows
    FROM patient.sharded_patient_destruction GROUP BY 1, 2
  ), record AS (
    SELECT ${PATIENT_ID} AS patient, deletion_id, state <> 'RESTORED' AS stands, deleted_at,
      ${rowsIn('shards')} - coalesce(destroyed.rows, 0) AS rows
    FROM patient.sharded_patient_deletion LEFT JOIN destroyed USING (${PATIENT_ID}, deletion_id)
    WHERE state IN ('DELETED', 'RESTORED', 'DESTROYED')
  ), pair AS (
    SELECT mark.*, record.rows, record.deleted_at, record.stands
    FROM mark FULL JOIN record USING (patient, deletion_id)
  )
  SELECT count(*) FILTER (WHERE stands AND rows <> coalesce(hidden, 0)) AS "RECORD_DIFFERS_FROM_ROWS",
    coalesce(sum(hidden) FILTER (WHERE stands IS NULL), 0) AS "MARK_WITHOUT_RECORD",
    coalesce(sum(hidden) FILTER (WHERE NOT stands), 0) AS "MARK_OF_RESTORED_DELETION",
    count(*) FILTER (WHERE stands AND hidden > 0 AND (earliest IS DISTINCT FROM deleted_at
      OR latest IS DISTINCT FROM deleted_at)) AS "MARK_WITH_ANOTHER_TIME",
    coalesce(sum(live), 0) AS "LIVE_ROW_WITH_MARK"
  FROM pair`;

/** Of a table or a column that a statement names: it is not there, or may not be read. */
const NOT_READABLE = new Set(['42P01', '42703', '42501']);

/** Looks at every patient-owned table of the whole database, table by table. Reads only. */
@Injectable()
export class IntegrityScan {
  constructor(
    private readonly manager: EntityManager,
    private readonly catalogue: CatalogueGuard,
  ) {}

  /**
   * @param progress is told of every table before it is scanned, with how many there are
   * @param signal ends the scan
   * @throws the database's own error where it cannot be read, or where a lock was waited for too long; nothing is changed by a scan
   */
  run(
    progress: (table: string, index: number, of: number) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<IntegrityReport> {
    return unhurried(this.manager, (manager) => this.scan(manager, progress), signal);
  }

  private async scan(
    manager: EntityManager,
    progress: (table: string, index: number, of: number) => void,
  ): Promise<IntegrityReport> {
    const undeclaredTables = await this.catalogue.undeclaredTables(manager);
    // What leads through a table that is not as it was declared cannot be asked for; that it is not is said.
    const ifThere = <T>(asked: Promise<T>, otherwise: T) =>
      asked.catch((error: unknown) => {
        if (undeclaredTables.length === 0 || !NOT_READABLE.has(sqlstateOf(error) ?? '')) throw error;
        return otherwise;
      });
    const isAdopted = adoptedTables() !== undefined;
    const tables = await scannableTables(manager);
    const orphans: Orphans[] = [];
    const marks: Mismatch[] = [];
    const ofNobody: RowsOfNobody[] = [];
    for (const [index, table] of tables.entries()) {
      progress(nameOf(table), index, tables.length);
      const rows = nameOf(table) === ROOT ? 0 : await ifThere(orphansIn(manager, table), 0);
      if (rows > 0) orphans.push({ shard: table.shard, table: table.name, rows });
      marks.push(...(await ifThere(marksOf(manager, table), [])));
      const adopted = adoptedTables()?.owned.find((one) => one === table);
      if (adopted !== undefined) ofNobody.push(...(await ifThere(rowsOfNobody(manager, adopted), [])));
    }
    const drift = [
      ...(await driftOf(manager, isAdopted ? [ANCHOR] : tables.map(nameOf))),
      ...(await foreignTriggers(manager)),
      ...(await ifThere(unregisteredPatients(manager), [])),
    ];
    const contradicting = await contradictingRecords(manager);
    const mismatches: Mismatch[] = (
      await manager.query<{ what: Mismatch['what']; rows: string }[]>(
        mismatchesWith(isAdopted ? ANCHOR : ROOT),
      )
    )
      .map(({ what, rows }) => ({ what, rows: Number(rows) }))
      .filter(({ rows }) => rows > 0);
    if (contradicting.rows > 0) mismatches.push({ what: 'RECORD_CONTRADICTS_AUDIT_EVENT', ...contradicting });
    mismatches.push(...marks);
    const healthy = [orphans, undeclaredTables, drift, mismatches].every((list) => list.length === 0);
    return {
      checkedAt: new Date().toISOString(),
      orphans,
      undeclaredTables,
      drift,
      mismatches,
      rowsOfNobody: ofNobody,
      unwatchedSchemas: await unwatchedSchemas(manager),
      healthy,
    };
  }
}

const nameOf = ({ schema, table }: TableDeclaration) => `${schema}.${table}`;

/** Declared tables that are there with what a scan reads; one without its keys is scanned all the more. */
async function scannableTables(manager: EntityManager): Promise<TableDeclaration[]> {
  const adopted = adoptedTables();
  const declared = adopted?.owned ?? patientOwnedTables();
  const tables = declared.map(({ schema, table }) => ({ schema, table }));
  // The hospital's tables need their columns in the statements alone, and where their rows leave for.
  const marked = adopted?.owned.map(({ vault }) => vault) ?? tables;
  const columns =
    adopted === undefined
      ? [PATIENT_ID, IS_DELETED, 'deleted_at', 'deletion_id']
      : Object.keys(VAULT_COLUMNS);
  const found = await manager.query<{ place: number }[]>(
    `SELECT place::int - 1 AS place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS d (name, marked, place)
     WHERE to_regclass(name) IS NOT NULL AND cardinality($3::text[]) = (SELECT count(*) FROM pg_attribute
       WHERE attrelid = to_regclass(marked) AND NOT attisdropped AND attname = ANY ($3))`,
    [tables.map(quotedName), marked.map(quotedName), columns],
  );
  const places = new Set(found.map(({ place }) => place));
  return declared.filter((_, place) => places.has(place));
}

async function orphansIn(manager: EntityManager, table: TableDeclaration): Promise<number> {
  const [found] = await manager.query<{ rows: string }[]>(table.strategy.countOrphans(table, rootTable()));
  return Number(found?.rows);
}

async function marksOf(manager: EntityManager, table: TableDeclaration): Promise<Mismatch[]> {
  const [found = {}] = await manager.query<Partial<Record<Mismatch['what'], string>>[]>(
    marksAgainstRecords(table),
    [table.shard, table.name],
  );
  return Object.entries(found)
    .map(([what, rows]) => ({ what: what as Mismatch['what'], table: nameOf(table), rows: Number(rows) }))
    .filter(({ rows }) => rows > 0);
}

async function driftOf(manager: EntityManager, tables: string[]): Promise<UndeclaredTable[]> {
  const missing = await manager.query<{ name: string }[]>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE to_regrole(name) IS NULL',
    [[OWNER_ROLE, ...BOUND_ROLES]],
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    return [{ table: EVERY_TABLE, why: `the database roles are missing: ${names}` }];
  }
  const owned = await manager.query<GrantedTable[]>(COLUMNS_OF_TABLES, [tables]);
  const roles = await manager.query<UndeclaredTable[]>(ROLE_DRIFT);
  const found = await manager.query<UndeclaredTable[]>(TABLE_DRIFT, [
    JSON.stringify(grantedOn(owned, adoptedTables()?.owned.map(({ vault }) => vault) ?? [])),
    tables,
  ]);
  return [...roles, ...found];
}
