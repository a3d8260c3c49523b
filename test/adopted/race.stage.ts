import { expect } from '@jest/globals';
import type pg from 'pg';
import { IntegrityScan } from '../../src/catalogue/index.js';
import type { DeletionAnswer } from '../../src/orchestrator/index.js';
import { until } from '../support/processes.js';
import { deletionOf, type StepName } from '../support/silgi.js';
import { type AdoptedHospital, DECLARATION, HOSPITAL, openAdopted } from './hospital.stage.js';

export const ISOLATION_LEVELS = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];

/** The hospital with a key, besides, that is checked at the end of a transaction only. */
const SCHEMA = `${HOSPITAL};
  CREATE TABLE his.referral (referral_no integer PRIMARY KEY,
    person_no bigint NOT NULL REFERENCES his.person DEFERRABLE INITIALLY DEFERRED);
  CREATE INDEX ON his.referral (person_no)`;
const DECLARED = DECLARATION.replace(
  'kept:',
  '  his.referral: { shard: clinical, resource: Referral, key: person_no }\nkept:',
);

/** Of the patient \`p\`: his visits are p0 and p1, the notes of each p00, p10; everything of his is found by that. */
const NUMBERS: Readonly<Record<string, string>> = {
  'his.person': 'person_no / 10000 = $1',
  'his.visit': 'visit_no / 1000 = $1',
  '"Hasta_Kayıt"."Not.lar"': '"No" / 100 = $1',
  'his.word': '"No" / 100 = $1',
  'his.bill': 'person_no / 10000 = $1',
  'his.reading': 'subject / 10000 = $1',
  'his.referral': 'person_no / 10000 = $1',
};

/** What somebody writes of the patient with this number, and where it is found afterwards. */
export interface LateRow {
  readonly what: string;
  /** The patient has rows of every kind; where not, only he himself is there. */
  readonly hasRows: boolean;
  readonly table: string;
  /** SQL; `#` stands for the number. */
  readonly write: string;
  /** The same where it is to come before the deletion, of a patient who is still there. */
  readonly before?: string;
  /** A condition on the row that was written. */
  readonly is: string;
}

export const LATE_ROWS: readonly LateRow[] = [
  {
    what: 'a visit, by the hospital’s own key to the patient',
    hasRows: true,
    table: 'his.visit',
    write: `INSERT INTO his.visit (visit_no, person_no, triage) OVERRIDING SYSTEM VALUE VALUES (#007, #0001, 'green')`,
    is: 'visit_no = #007',
  },
  {
    what: 'a bill, by a key to the patient with ON DELETE CASCADE',
    hasRows: true,
    table: 'his.bill',
    write: 'INSERT INTO his.bill (person_no, amount) VALUES (#0001, 777)',
    is: 'person_no = #0001 AND amount = 777',
  },
  {
    what: 'a referral, by a key that is checked as its transaction ends',
    hasRows: true,
    table: 'his.referral',
    write: 'INSERT INTO his.referral VALUES (#7, #0001)',
    is: 'referral_no = #7',
  },
  {
    what: 'a note, by a key to a visit',
    hasRows: true,
    table: '"Hasta_Kayıt"."Not.lar"',
    write: `INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (#77, #001, 'late')`,
    is: '"No" = #77',
  },
  {
    what: 'a word, by a key to a note with ON DELETE CASCADE',
    hasRows: true,
    table: 'his.word',
    write: `INSERT INTO his.word VALUES (#01, 'late')`,
    is: `"No" = #01 AND word = 'late'`,
  },
  {
    what: 'a reading, by a key that Silgi has added to a partitioned table',
    hasRows: true,
    table: 'his.reading',
    write: 'INSERT INTO his.reading VALUES (#0001, 77)',
    is: 'subject = #0001 AND value = 77',
  },
  {
    what: 'the key of the patient himself, registered again',
    hasRows: false,
    table: 'his.person',
    write: `INSERT INTO his.person (person_no, file_number) VALUES (#0001, 'again #')`,
    before: `DELETE FROM his.person WHERE person_no = #0001;
      INSERT INTO his.person (person_no, file_number) VALUES (#0001, 'again #')`,
    is: `file_number = 'again #'`,
  },
  {
    what: 'the key of the patient himself, given to somebody else',
    hasRows: false,
    table: 'his.person',
    write: `UPDATE his.person SET person_no = #0001, first_name = 'again' WHERE person_no = 5000000 + #`,
    before: `UPDATE his.person SET person_no = #0002, first_name = 'again' WHERE person_no = #0001`,
    is: `first_name = 'again' AND person_no / 10000 = #`,
  },
];

/** A session of the hospital's application. */
export interface Writer {
  readonly session: pg.Client;
  readonly pid: number;
}

async function writerOf({ database }: AdoptedHospital): Promise<Writer> {
  const session = await database.connect();
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { session, pid: rows[0]?.pid ?? 0 };
}

/** A deletion among other sessions, one patient at a time. */
export class Race {
  private number = 100;

  private constructor(
    readonly hospital: AdoptedHospital,
    readonly writer: Writer,
    readonly other: Writer,
  ) {}

  static async open(): Promise<Race> {
    const hospital = await openAdopted({ schema: SCHEMA, declaration: DECLARED });
    return new Race(hospital, await writerOf(hospital), await writerOf(hospital));
  }

  async close(): Promise<void> {
    await this.writer.session.end();
    await this.other.session.end();
    await this.hospital.close();
  }

  /** Somebody of whom everything is found by one number. @returns the number */
  async patient(hasRows = true): Promise<number> {
    const p = this.number++;
    const rows = `
      INSERT INTO his.visit (visit_no, person_no, triage) OVERRIDING SYSTEM VALUE VALUES (#000, #0001, 'red'), (#001, #0001, 'red');
      INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (#00, #000, 'first'), (#01, #001, 'second');
      INSERT INTO his.word VALUES (#00, 'ağrı'), (#01, 'ağrı');
      INSERT INTO his.bill (person_no, amount) VALUES (#0001, 1);
      INSERT INTO his.referral VALUES (#0, #0001);
      INSERT INTO his.reading VALUES (#0001, 36.6)`;
    await this.hospital.database.query(
      of(
        p,
        `INSERT INTO his.person (person_no, file_number) VALUES (#0001, 'F#'), (5000000 + #, 'G#');
         ${hasRows ? rows : ''}`,
      ),
    );
    return p;
  }

  /** Deletes the patient. @returns the answer, or the error */
  async delete(p: number): Promise<DeletionAnswer | { readonly code?: string }> {
    const patientId = await this.hospital.patientIdOf(p * 10_000 + 1);
    return this.hospital.orchestrator.deletePatient(deletionOf(patientId)).then(
      ({ answer }) => answer,
      (error: unknown) => error as { code?: string },
    );
  }

  /** Holds the deletion at a step, once everything before it is done. */
  heldAt(step: StepName, meanwhile: () => Promise<void>): void {
    this.hospital.faults.at(step, meanwhile);
  }

  /** Writes and commits. @returns the SQLSTATE with which it was refused; undefined where it was acknowledged */
  async commits(sql: string, { session }: Writer = this.writer): Promise<string | undefined> {
    try {
      if (sql !== '') await session.query(sql);
      await session.query('COMMIT');
      return undefined;
    } catch (error) {
      await session.query('ROLLBACK');
      return (error as pg.DatabaseError).code ?? 'no code';
    }
  }

  /** Until this session waits for somebody's lock, or what it does has ended. */
  waitsOrEnds({ pid }: Writer, work: Promise<unknown>): Promise<'waits' | 'ended'> {
    return this.firstOf(work, 'SELECT cardinality(pg_blocking_pids($1)) > 0 AS waits', pid);
  }

  /** Until the deletion waits for this session, or has ended. */
  deletionWaitsOrEnds({ pid }: Writer, deletion: Promise<unknown>): Promise<'waits' | 'ended'> {
    return this.firstOf(
      deletion,
      `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'silgi'
         AND $1 = ANY (pg_blocking_pids(pid))) AS waits`,
      pid,
    );
  }

  private async firstOf(work: Promise<unknown>, waiting: string, pid: number): Promise<'waits' | 'ended'> {
    let end: 'waits' | 'ended' | undefined;
    void work.finally(() => (end ??= 'ended'));
    await until(async () => {
      const [found] = await this.hospital.database.query<{ waits: boolean }>(waiting, [pid]);
      if (found?.waits === true) end = 'waits';
      return end !== undefined;
    });
    return end as unknown as 'waits' | 'ended';
  }

  /** How many rows there are of what was written: in the hospital's table, and in the one that rows leave for. */
  async found(
    p: number,
    { table, is }: Pick<LateRow, 'table' | 'is'>,
  ): Promise<{ live: number; kept: number }> {
    const [counted] = await this.hospital.database.query<{ live: string; kept: string }>(
      of(
        p,
        `SELECT (SELECT count(*) FROM ${table} WHERE ${is}) AS live, (SELECT count(*) FROM ${vaultOf(table)} WHERE ${is}) AS kept`,
      ),
    );
    return { live: Number(counted?.live), kept: Number(counted?.kept) };
  }

  /** No row of him stands in any table, and the scan has nothing to say. */
  async expectGone(p: number): Promise<void> {
    const live = Object.entries(NUMBERS).map(
      ([table, condition]) => `SELECT '${table}' AS "table" FROM ${table} WHERE ${condition}`,
    );
    expect(await this.hospital.database.query(live.join(' UNION ALL '), [p])).toEqual([]);
    expect(await this.hospital.app.get(IntegrityScan).run()).toMatchObject({
      healthy: true,
      orphans: [],
      mismatches: [],
    });
  }
}

/** SQL of one patient. */
export const of = (p: number, sql: string) => sql.replaceAll('#', String(p));

const vaultOf = (table: string) => `silgi_vault."${table.replaceAll('"', '').replace('.', '__')}"`;
