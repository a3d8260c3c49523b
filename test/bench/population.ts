import { createHash } from 'node:crypto';
import pg from 'pg';
import { CHILD_TABLES, PATIENT_TABLES } from '../support/patients.js';

/** Sessions that fill tables side by side. */
const SESSIONS = 3;
const BACKGROUND_ROWS_OF_A_PATIENT = 10;

/** Patients that lie next to each other in the numbering. */
export interface Cohort {
  readonly first: number;
  readonly ids: readonly string[];
}

/**
 * The id of the patient with this number. It is made from the number alone, so that pgbench can make it too, and
 * spread over the indexes as random ids are.
 */
export function patientIdOf(number: number): string {
  const hex = createHash('md5').update(`p${number}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
/** The same in SQL. @param number an expression of text type */
export const patientIdSql = (number: string) => `md5('p' || ${number})::uuid`;

/**
 * Fills a database with patients of one size. The rows hold what the protocol needs and no more, which is the least
 * that the server can have to do; the checks of foreign keys are left out while filling.
 */
export class Population {
  private next = 1;

  private constructor(private readonly clients: readonly pg.Client[]) {}

  /** @param url PostgreSQL URL of a superuser for a migrated database */
  static async in(url: string): Promise<Population> {
    const options = '-c session_replication_role=replica -c synchronous_commit=off';
    const clients = Array.from(
      { length: SESSIONS },
      () => new pg.Client({ connectionString: url, options, application_name: 'bench population' }),
    );
    for (const client of clients) {
      client.on('error', () => undefined);
      await client.connect();
    }
    return new Population(clients);
  }

  /** Adds so many live patients with so many rows in each of the 14 child tables. */
  async add(patients: number, rowsPerTable: number): Promise<Cohort> {
    return this.fill(patients, () => rowsPerTable);
  }

  /** Adds one patient with exactly so many rows, the demographics row among them. */
  async addOneWith(rows: number): Promise<Cohort> {
    const children = rows - 1;
    const each = Math.floor(children / CHILD_TABLES.length);
    const rest = children - each * CHILD_TABLES.length;
    return this.fill(1, (index) => each + (index < rest ? 1 : 0));
  }

  /** Empties the patient-owned tables, fills them with others' rows, and lets the planner see them. */
  async reset(backgroundRowsPerTable: number): Promise<void> {
    const [client] = this.clients;
    await client?.query(`TRUNCATE ${PATIENT_TABLES.join(', ')}, patient.sharded_patient_deletion`);
    await this.addBackground(backgroundRowsPerTable);
  }

  /** Adds others' rows up to so many in each child table, in the order of the index, and analyses all tables. */
  async addBackground(rowsPerTable: number): Promise<void> {
    await this.add(Math.ceil(rowsPerTable / BACKGROUND_ROWS_OF_A_PATIENT), BACKGROUND_ROWS_OF_A_PATIENT);
    await this.eachOf(PATIENT_TABLES, (client, table) => client.query(`ANALYZE ${table}`));
  }

  /**
   * Leaves the database as autovacuum, which is off, keeps a hospital's: rows of patients who have been there for long,
   * a catalogue without the remains of what was emptied, and nothing of earlier deletions to be stepped over.
   */
  async vacuum(): Promise<void> {
    await this.query('VACUUM (ANALYZE)');
  }

  /** Rows of all patient-owned tables together. */
  async count(): Promise<number> {
    const counts = PATIENT_TABLES.map((table) => `(SELECT count(*) FROM ${table})`);
    const answer = await this.clients[0]?.query<{ rows: string }>(`SELECT ${counts.join(' + ')} AS rows`);
    return Number(answer?.rows[0]?.rows);
  }

  /** Runs one statement. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const [client] = this.clients;
    return (await client?.query<Row>(sql))?.rows ?? [];
  }

  /** Runs statements side by side: each session takes the next as soon as it is done with one. */
  async queryEach(statements: readonly string[]): Promise<void> {
    await this.eachOf(statements, (client, statement) => client.query(statement));
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.end();
  }

  private async fill(patients: number, rowsIn: (childTable: number) => number): Promise<Cohort> {
    const first = this.next;
    const last = first + patients - 1;
    this.next = last + 1;
    const numbers = `(SELECT ${patientIdSql('p')} AS patient_id, p FROM generate_series(${first}, ${last}) AS p) AS numbers`;
    // The patients come first: nobody who looks meanwhile finds rows that belong to no one.
    await this.query(
      `INSERT INTO ${PATIENT_TABLES[0] ?? ''} (patient_id, record_number, given_name, family_name, birth_date)
       SELECT patient_id, 'H-' || p, 'Işıl', 'Yıldız', '1980-05-17' FROM ${numbers}`,
    );
    await this.eachOf(CHILD_TABLES, (client, table, index) =>
      client.query(
        `INSERT INTO ${table} (patient_id, id)
         SELECT patient_id, gen_random_uuid() FROM ${numbers}, generate_series(1, ${rowsIn(index)})
         ORDER BY patient_id`,
      ),
    );
    return { first, ids: Array.from({ length: patients }, (_, index) => patientIdOf(first + index)) };
  }

  /** Each session takes the next one as soon as it is done with one. */
  private async eachOf(
    items: readonly string[],
    work: (client: pg.Client, item: string, index: number) => Promise<unknown>,
  ): Promise<void> {
    const left = [...items.entries()];
    await Promise.all(
      this.clients.map(async (client) => {
        for (let at = left.shift(); at !== undefined; at = left.shift()) await work(client, at[1], at[0]);
      }),
    );
  }
}
