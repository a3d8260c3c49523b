import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { isConnectionLost } from '../../src/common/index.js';
import { onServer, type TestDatabase } from '../support/database.js';
import { CHILD_TABLES, PATIENT_TABLES } from '../support/patients.js';

/** How the rows of a patient stand to one deletion, over all patient-owned tables. */
export interface Marks {
  readonly live: number;
  /** Marked by this deletion. */
  readonly marked: number;
  /** Hidden by the hospital's own system, before. */
  readonly hidden: number;
  /** Marked by any other deletion. */
  readonly foreign: number;
}

/** A test database asked over one lasting session: a cell of the matrix asks it a dozen times. */
export class SteadyDatabase implements TestDatabase {
  private client: Promise<pg.Client> | undefined;

  constructor(private readonly database: TestDatabase) {}

  /** A database on a server of the test's own; it goes with the server. */
  static at(url: string): SteadyDatabase {
    return new SteadyDatabase({
      name: new URL(url).pathname.slice(1),
      url,
      query: (sql, params) => onServer(url, sql, params),
      drop: () => Promise.resolve(),
      async connect(other = url) {
        const client = new pg.Client({ connectionString: other });
        client.on('error', () => undefined);
        await client.connect();
        return client;
      },
    });
  }

  get name(): string {
    return this.database.name;
  }

  get url(): string {
    return this.database.url;
  }

  connect(url?: string): Promise<pg.Client> {
    return this.database.connect(url);
  }

  /** Runs one statement; on a new session where the server has ended the last one. */
  async query<Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<Row[]> {
    try {
      return await this.once<Row>(sql, params);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      this.client = undefined;
      return this.once<Row>(sql, params);
    }
  }

  async drop(): Promise<void> {
    await this.client?.then((client) => client.end()).catch(() => undefined);
    await this.database.drop();
  }

  private async once<Row extends pg.QueryResultRow>(sql: string, params: unknown[]): Promise<Row[]> {
    this.client ??= this.database.connect();
    this.client.catch(() => (this.client = undefined));
    return (await (await this.client).query<Row>(sql, params)).rows;
  }

  /** Adds a patient with so many rows per child table, and one row that the hospital has hidden itself. */
  async seed(rowsPerTable: number): Promise<string> {
    const patientId = randomUUID();
    const children = CHILD_TABLES.map(
      (table, at) => `t${at} AS (INSERT INTO ${table} (patient_id, id)
        SELECT $1, gen_random_uuid() FROM generate_series(1, $2::int))`,
    );
    await this.query(
      `WITH parent AS (INSERT INTO ${PATIENT_TABLES[0] ?? ''} (patient_id, record_number, given_name, family_name)
         VALUES ($1, 'H-1', 'Işıl', 'Yıldız')), ${children.join(', ')}
       INSERT INTO clinical.sharded_tani (patient_id, id, is_deleted, deleted_at)
       VALUES ($1, gen_random_uuid(), true, '2020-01-01')`,
      [patientId, rowsPerTable],
    );
    return patientId;
  }

  /** Counts a patient's rows by how they stand to this deletion. */
  async marks(patientId: string, deletionId: string): Promise<Marks> {
    const rows = PATIENT_TABLES.map(
      (table) => `SELECT is_deleted, deletion_id FROM ${table} WHERE patient_id = $1`,
    );
    const [counts] = await this.query<Record<keyof Marks, string>>(
      `SELECT count(*) FILTER (WHERE NOT is_deleted) AS live,
         count(*) FILTER (WHERE is_deleted AND deletion_id = $2) AS marked,
         count(*) FILTER (WHERE is_deleted AND deletion_id IS NULL) AS hidden,
         count(*) FILTER (WHERE deletion_id <> $2) AS foreign
       FROM (${rows.join(' UNION ALL ')}) AS row`,
      [patientId, deletionId],
    );
    const figure = (name: keyof Marks) => Number(counts?.[name]);
    return {
      live: figure('live'),
      marked: figure('marked'),
      hidden: figure('hidden'),
      foreign: figure('foreign'),
    };
  }
}
