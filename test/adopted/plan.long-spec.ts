import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  adoptDeclaration,
  AdoptionRefused,
  applyPlan,
  type LineState,
  type LineWatcher,
  lookAtPlan,
  planOf,
  undoPlan,
} from '../../src/adoption/index.js';
import { makeLines } from '../../src/adoption/apply.js';
import { adoptCommand } from '../../src/cli/adopt.command.js';
import type { Declaration } from '../../src/declaration/index.js';
import { withAlteringSession } from '../../src/postgres/index.js';
import { runInProcess } from '../support/command.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { deletionOf, openSilgi } from '../support/silgi.js';
import { catalogueOf } from './catalogue.dump.js';
import { DECLARATION, HOSPITAL, PEOPLE, SILENT } from './hospital.stage.js';

let folder: string;
let file: string;
let declaration: Declaration;
let database: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silgi-plan-'));
  file = join(folder, 'silgi.yaml');
  await writeFile(file, DECLARATION);
  declaration = await adoptDeclaration(file);
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  database = await hospital();
});

afterEach(() => database.drop());

async function hospital(): Promise<TestDatabase> {
  const made = await createEmptyDatabase();
  await made.query(HOSPITAL);
  await made.query(PEOPLE);
  return made;
}

/** Notes what becomes of each line, and ends the run behind so many that were made. */
class Noting implements LineWatcher {
  readonly ended: { what: string; state: LineState }[] = [];

  constructor(private readonly endBehind = Infinity) {}

  begins(): void {
    if (this.made.length >= this.endBehind) throw new Error('ended by the test');
  }

  ends({ what }: { what: string }, state: LineState): void {
    this.ended.push({ what, state });
  }

  get made(): string[] {
    return this.ended.filter(({ state }) => state !== 'there').map(({ what }) => what);
  }
}

const apply = async (on: TestDatabase, watcher: LineWatcher = SILENT) => {
  await applyPlan(on.url, await planOf(on.url, declaration), watcher, () => undefined);
};
const undo = async (on: TestDatabase, mayLoseLog = false) => {
  const plan = await planOf(on.url, declaration);
  await undoPlan(on.url, plan, { mayLoseLog, watcher: SILENT, say: () => undefined });
};

describe('the plan for a hospital’s own database', () => {
  it('is printed as SQL with its locks, and changes nothing', async () => {
    const before = await catalogueOf(database);
    const { code, said } = await runInProcess(
      adoptCommand(),
      'plan',
      '--database',
      database.url,
      '--declaration',
      file,
    );
    expect(code).toBe(0);
    expect(said).toContain('CREATE SCHEMA silgi_vault;');
    expect(said).toContain('-- locks: SHARE ROW EXCLUSIVE on his.person: writers wait, for a moment');
    expect(said).toMatch(/lines are to be made: run silgi adopt apply\. Nothing was changed\./);
    expect(await catalogueOf(database)).toEqual(before);
  });

  it('is made once: a second run finds everything there and makes nothing', async () => {
    await apply(database);
    const made = await catalogueOf(database);
    const again = new Noting();
    await apply(database, again);
    expect(again.made).toEqual([]);
    expect(await catalogueOf(database)).toEqual(made);
    const { lines } = await lookAtPlan(database.url, await planOf(database.url, declaration));
    expect(lines.filter(({ there }) => !there)).toEqual([]);
  });

  it('goes on behind whichever line it was interrupted, and ends as a run in one go does', async () => {
    const runs: string[] = [];
    for (;;) {
      const one = new Noting(1);
      const isWhole = await apply(database, one).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'ended by the test' });
          return false;
        },
      );
      runs.push(...one.made);
      if (isWhole) break;
    }
    const other = await hospital();
    try {
      const whole = new Noting();
      await apply(other, whole);
      expect(runs).toEqual(whole.made);
      expect(runs.length).toBeGreaterThan(20);
      expect(await catalogueOf(database)).toEqual(await catalogueOf(other));
    } finally {
      await other.drop();
    }
  });

  it('keeps no writer waiting behind a lock that it does not get', async () => {
    const busy = await database.connect();
    await busy.query(`BEGIN; UPDATE his.person SET first_name = 'Ali' WHERE person_no = 1`);
    const applying = apply(database);
    let isDone = false;
    const ended = applying.finally(() => (isDone = true));
    const isWaiting = async () => {
      const [found] = await database.query<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
           AND query LIKE 'ALTER TABLE % ADD CONSTRAINT "silgi\\_%' AND pid <> pg_backend_pid()) AS waits`,
      );
      return found?.waits === true;
    };
    await until(isWaiting);
    // It waits for the first writer, who does not end, and lets others pass all the same.
    for (const key of [2, 3, 4])
      await database.query(`UPDATE his.person SET first_name = 'Veli' WHERE person_no = $1`, [key]);
    expect(isDone).toBe(false);
    await busy.query('COMMIT');
    await busy.end();
    await ended;
    const { lines } = await lookAtPlan(database.url, await planOf(database.url, declaration));
    expect(lines.every(({ there }) => there)).toBe(true);
  });

  it('goes on where somebody else changes the same object at that moment, as a service does that starts', async () => {
    await apply(database);
    await database.query('ALTER FUNCTION silgi.register_patient() OWNER TO CURRENT_USER');
    const service = await database.connect();
    await service.query('BEGIN; REVOKE ALL ON ALL ROUTINES IN SCHEMA silgi FROM PUBLIC, silgi_service');
    // As behind the migrations: those wait for it without end.
    const plan = await planOf(database.url, declaration);
    const noting = new Noting();
    const applied = withAlteringSession(database.url, undefined, (session) =>
      makeLines(session, plan.tables(), noting),
    );
    await until(async () => {
      const [found] = await database.query<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
           AND query LIKE 'ALTER FUNCTION%OWNER TO silgi_owner' AND pid <> pg_backend_pid()) AS waits`,
      );
      return found?.waits === true;
    });
    await service.query('COMMIT');
    await service.end();
    await applied;
    expect(noting.made).toEqual(['silgi.register_patient() works as silgi_owner']);
  });

  it('leaves a key that rows contradict not validated, says so, and holds new rows to it', async () => {
    await database.query('INSERT INTO his.reading VALUES (99, 40, now())');
    const noting = new Noting();
    await apply(database, noting);
    expect(noting.ended.filter(({ state }) => state === 'left').length).toBeGreaterThan(0);
    await expect(database.query('INSERT INTO his.reading VALUES (98, 40, now())')).rejects.toMatchObject({
      code: '23503',
    });
  });

  it('gives every patient a pseudonym, those who come from then on included', async () => {
    await apply(database);
    await database.query(`INSERT INTO his.person (person_no, file_number) VALUES (77, 'F77')`);
    const anchors = await database.query(
      'SELECT FROM his.person p JOIN silgi.patient_anchor a ON a.patient_key = p.person_no',
    );
    expect(anchors).toHaveLength(5);
  });

  it('is refused, line by line, where the database is not as the declaration says', async () => {
    await database.query('ALTER TABLE his.bill RENAME TO invoice');
    const before = await catalogueOf(database);
    const { code, said } = await runInProcess(
      adoptCommand(),
      'apply',
      '--database',
      database.url,
      '--declaration',
      file,
    );
    expect(code).toBe(1);
    expect(said).toMatch(/silgi\.yaml:\d+:\d+: his\.bill: is not in the database/);
    expect(said).toMatch(/his\.invoice: a table of the database that stands in no place/);
    expect(said).toContain('Nothing was changed.');
    expect(await catalogueOf(database)).toEqual(before);
  });

  it('is taken away again and leaves the catalogue as it was', async () => {
    const before = await catalogueOf(database);
    await apply(database);
    expect(await catalogueOf(database)).not.toEqual(before);
    await undo(database);
    expect(await catalogueOf(database)).toEqual(before);
  });

  it('is not taken away while rows of deleted patients are kept, nor the audit log without a word of its own', async () => {
    await apply(database);
    const silgi = await openSilgi({ database });
    try {
      const [anchor] = await database.query<{ patient_id: string }>(
        'SELECT patient_id FROM silgi.patient_anchor WHERE patient_key = 2',
      );
      await silgi.orchestrator.deletePatient(deletionOf(anchor?.patient_id ?? ''));
    } finally {
      await silgi.app.close();
    }
    const made = await catalogueOf(database);
    await expect(undo(database, true)).rejects.toThrow(AdoptionRefused);
    expect(await catalogueOf(database)).toEqual(made);
    const [kept] = await database.query<{ rows: string }>(
      'SELECT count(*) AS rows FROM silgi_vault.his__visit',
    );
    expect(kept?.rows).toBe('3');
    for (const table of (await planOf(database.url, declaration)).vaults())
      await database.query(`DELETE FROM ${table.schema}."${table.table}"`);
    await expect(undo(database)).rejects.toThrow('The audit log would be lost');
    expect(await catalogueOf(database)).toEqual(made);
    await undo(database, true);
    expect((await catalogueOf(database)).filter((line) => /silgi|sharded/.test(line))).toEqual([]);
  });

  it('is not taken away while a service is connected, and nothing of it is', async () => {
    await apply(database);
    const silgi = await openSilgi({ database });
    try {
      const made = await catalogueOf(database);
      await expect(undo(database, true)).rejects.toThrow('is connected to this database');
      expect(await catalogueOf(database)).toEqual(made);
    } finally {
      await silgi.app.close();
    }
    await undo(database, true);
  });

  it('takes nothing of a database where patients stand in Silgi’s own tables, and makes nothing there', async () => {
    const own = await createTestDatabase();
    try {
      await own.query(HOSPITAL);
      const before = await catalogueOf(own);
      await expect(undo(own, true)).rejects.toThrow('has nothing that apply has made');
      await expect(apply(own)).rejects.toThrow('Silgi’s own tables of patients are in this database');
      expect(await catalogueOf(own)).toEqual(before);
    } finally {
      await own.drop();
    }
  });
});
