import { createHash } from 'node:crypto';
import type pg from 'pg';
import { SHARDS, tablesKeptOnDeletion } from '../../shards/index.js';

/** What one table holds of a patient, as another connection sees it. */
export interface TableState {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  /** Rows that are not hidden. */
  readonly live: number;
  /** Rows that carry the mark of a deletion. */
  readonly marked: number;
}

/** All that the database holds of one or more patients. */
export interface RecordState {
  readonly tables: readonly TableState[];
  readonly rows: number;
  readonly live: number;
  readonly marked: number;
  /** Of every value and version of every row, hex: any change of any row changes it. */
  readonly digest: string;
}

interface Measured extends TableState {
  readonly digest: string;
}

/**
 * Looks at patients' rows from outside: with SQL on a connection of its own, in every table that the catalogue
 * has with a `patient_id` column, whatever the code declares. What is rightly kept on a deletion (its record,
 * legal holds, the audit log) is left out.
 */
export class PatientRecords {
  constructor(private readonly sql: pg.Client) {}

  of(patientId: string): Promise<RecordState> {
    return this.measure('=', patientId);
  }

  /** Of all patients but this one. */
  ofOthersThan(patientId: string): Promise<RecordState> {
    return this.measure('<>', patientId);
  }

  /** Live rows of patients who are not live: there must be none. */
  async orphans(): Promise<number> {
    const counts = (await this.tables()).map(
      ([schema, table]) =>
        `SELECT count(*) AS orphans FROM "${schema}"."${table}" t
         JOIN patient.sharded_patient_demographics p USING (patient_id)
         WHERE p.is_deleted AND ${HIDDEN} IS DISTINCT FROM 'true'`,
    );
    const { rows } = await this.sql.query<{ orphans: string }>(
      `SELECT sum(orphans) AS orphans FROM (${counts.join(' UNION ALL ')}) found`,
    );
    return Number(rows[0]?.orphans);
  }

  private async measure(comparison: '=' | '<>', patientId: string): Promise<RecordState> {
    const parts = (await this.tables()).map(
      ([schema, table]) =>
        `SELECT '${schema}' AS schema, '${table}' AS table, count(*)::int AS rows,
           (count(*) FILTER (WHERE ${HIDDEN} IS DISTINCT FROM 'true'))::int AS live,
           (count(*) FILTER (WHERE to_jsonb(t) ->> 'deletion_id' IS NOT NULL))::int AS marked,
           coalesce(md5(string_agg(md5(t::text || t.xmin), '' ORDER BY md5(t::text || t.xmin))), '') AS digest
         FROM "${schema}"."${table}" t WHERE patient_id ${comparison} $1`,
    );
    // In an order of its own: the parts of a UNION ALL may run side by side and come as they are done.
    const { rows: tables } = await this.sql.query<Measured>(
      `SELECT * FROM (${parts.join(' UNION ALL ')}) measured
       ORDER BY array_position($2, schema), schema, "table"`,
      [patientId, SHARDS],
    );
    const sum = (of: 'rows' | 'live' | 'marked') => tables.reduce((total, table) => total + table[of], 0);
    const text = tables.map((table) => `${table.schema}.${table.table} ${table.digest}`).join('\n');
    return {
      tables,
      rows: sum('rows'),
      live: sum('live'),
      marked: sum('marked'),
      digest: createHash('sha256').update(text).digest('hex'),
    };
  }

  private async tables(): Promise<[schema: string, table: string][]> {
    const kept = tablesKeptOnDeletion().map(({ schema, table }) => `${schema}.${table}`);
    const { rows } = await this.sql.query<{ schema: string; table: string }>(
      `SELECT c.table_schema AS schema, c.table_name AS table
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.column_name = 'patient_id' AND t.table_type = 'BASE TABLE'
         AND NOT table_schema || '.' || table_name = ANY ($1)`,
      [kept],
    );
    return rows.map(({ schema, table }) => [schema, table]);
  }
}

/** A table that nobody declared need not have the column. */
const HIDDEN = `to_jsonb(t) ->> 'is_deleted'`;
