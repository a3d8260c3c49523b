import pg from 'pg';
import type { HistoryLine } from './history.js';

/** What a table with rows about patients is to the checker. */
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
const KEPT = new Set([
  'patient.sharded_patient_deletion',
  'patient.sharded_legal_hold',
  'patient.sharded_erasure_request',
  'patient.sharded_patient_destruction',
  'patient.sharded_deletion_batch_item',
  'audit.sharded_audit_event',
]);
const IDS_AT_ONCE = 5_000;

/** Rows of one patient in one table that are in the same state. */
export interface RowGroup {
  /** `schema.table`. */
  readonly table: string;
  readonly patient: string;
  readonly live: boolean;
  readonly deletionId: string | null;
  readonly rows: number;
}

/** Counts as the product writes them: per shard, resource type and table. */
export type PurgedRows = readonly {
  readonly shard: string;
  readonly resources: readonly { readonly table: string; readonly rows: number }[];
}[];

/** A record of a deletion. */
export interface RecordRow {
  readonly patient: string;
  readonly deletionId: string;
  readonly state: string;
  readonly request: string;
  readonly key: string | null;
  /** SHA-256, hex, of the stored answer. */
  readonly answer: string | null;
  readonly shards: PurgedRows | null;
  readonly totalRows: number | null;
  readonly auditEventId: string | null;
  /** Of a deletion that was undone: its event, its key, and SHA-256 of the stored answer. */
  readonly restorationEventId: string | null;
  readonly restorationKey: string | null;
  readonly restorationAnswer: string | null;
}

/** An event of the audit log. */
export interface EventRow {
  readonly patient: string;
  readonly deletionId: string;
  readonly auditEventId: string;
  readonly action: string;
  readonly request: string;
  readonly purged: PurgedRows | null;
}

/** A row that a writer added or changed, as it is in the end. */
export interface WrittenRow {
  readonly table: string;
  readonly row: string;
  readonly patient: string;
  readonly live: boolean;
  readonly deletionId: string | null;
}

/** The database after a run, as far as the checker looks at it. */
export interface Snapshot {
  readonly demographics: string;
  readonly groups: readonly RowGroup[];
  readonly records: readonly RecordRow[];
  readonly events: readonly EventRow[];
  readonly written: readonly WrittenRow[];
  /** Tables with patients' rows in them of which it is not known whether they are deleted. */
  readonly strangers: readonly string[];
}

/**
 * Reads the database with a session of its own. Which tables there are is asked of the live catalogue, not of the
 * product.
 *
 * @param url PostgreSQL URL of a login that sees every row
 * @param history whose written rows are looked up
 */
export async function takeSnapshot(url: string, history: readonly HistoryLine[]): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url, application_name: 'chaos checker' });
  await client.connect();
  try {
    const { owned, strangers } = await tablesOf(client);
    const groups: RowGroup[] = [];
    for (const table of owned) {
      const { rows } = await client.query<Omit<RowGroup, 'table'>>(
        `SELECT patient_id AS patient, NOT is_deleted OR live IS TRUE AS live, deletion_id AS "deletionId",
           count(*)::integer AS rows FROM ${table} GROUP BY 1, 2, 3`,
      );
      for (const row of rows) groups.push({ table, ...row });
    }
    const { rows: records } = await client.query<RecordRow>(
      `SELECT patient_id AS patient, deletion_id AS "deletionId", state, request_id AS request,
         idempotency_key AS key, encode(sha256(convert_to(answer, 'UTF8')), 'hex') AS answer, shards,
         total_rows::float8 AS "totalRows", audit_event_id AS "auditEventId",
         restoration_event_id AS "restorationEventId", restoration_key AS "restorationKey",
         encode(sha256(convert_to(restoration_answer, 'UTF8')), 'hex') AS "restorationAnswer"
       FROM patient.sharded_patient_deletion`,
    );
    const { rows: events } = await client.query<EventRow>(
      `SELECT patient_id AS patient, deletion_id AS "deletionId", audit_event_id AS "auditEventId", action,
         request_id AS request, purged FROM audit.sharded_audit_event`,
    );
    const written = await writtenRows(client, history);
    return { demographics: DEMOGRAPHICS, groups, records, events, written, strangers };
  } finally {
    await client.end();
  }
}

async function tablesOf(client: pg.Client): Promise<{ owned: string[]; strangers: string[] }> {
  const { rows } = await client.query<{ name: string; marked: boolean }>(
    `SELECT n.nspname || '.' || c.relname AS name,
       count(*) FILTER (WHERE a.attname IN ('is_deleted', 'live', 'deletion_id')) = 3 AS marked
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition AND NOT a.attisdropped
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     GROUP BY 1 HAVING bool_or(a.attname = 'patient_id') ORDER BY 1`,
  );
  return {
    owned: rows.filter(({ marked }) => marked).map(({ name }) => name),
    strangers: rows.filter(({ name, marked }) => !marked && !KEPT.has(name)).map(({ name }) => name),
  };
}

async function writtenRows(client: pg.Client, history: readonly HistoryLine[]): Promise<WrittenRow[]> {
  const ids = new Map<string, Set<string>>();
  for (const line of history) {
    if (line.kind !== 'written') continue;
    for (const { table, row } of line.changes) {
      const known = ids.get(table);
      if (known === undefined) ids.set(table, new Set([row]));
      else known.add(row);
    }
  }
  const found: WrittenRow[] = [];
  for (const [table, rowsOfTable] of ids) {
    const all = [...rowsOfTable];
    for (let from = 0; from < all.length; from += IDS_AT_ONCE) {
      const { rows } = await client.query<Omit<WrittenRow, 'table'>>(
        `SELECT id AS row, patient_id AS patient, NOT is_deleted OR live IS TRUE AS live,
           deletion_id AS "deletionId" FROM ${table} WHERE id = ANY ($1::uuid[])`,
        [all.slice(from, from + IDS_AT_ONCE)],
      );
      for (const row of rows) found.push({ table, ...row });
    }
  }
  return found;
}
