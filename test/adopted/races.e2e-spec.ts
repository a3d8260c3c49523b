import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/processes.js';
import { deletionOf } from '../support/silgi.js';
import { ISOLATION_LEVELS, LATE_ROWS, of, Race } from './race.stage.js';

/** Refused by a key, by the anchor, or because it cannot be put in an order with the deletion. */
const REFUSED = expect.stringMatching(/^(23503|23505|40001)$/);

let race: Race;
beforeAll(async () => {
  race = await Race.open();
});
afterEach(async () => {
  expect(race.hospital.faults.unfired).toEqual([]);
  race.hospital.faults.reset();
  await race.writer.session.query('ROLLBACK');
  await race.other.session.query('ROLLBACK');
  await race.hospital.assertNothingLeaked();
});
afterAll(() => race.close());

describe.each(ISOLATION_LEVELS)('a writer at %s', (level) => {
  const begins = async () => {
    await race.writer.session.query(`BEGIN ISOLATION LEVEL ${level}`);
    await race.writer.session.query('SELECT count(*) FROM his.person');
  };

  describe.each(LATE_ROWS)('of $what', (late) => {
    it('is refused where its snapshot is older than the deletion', async () => {
      const p = await race.patient(late.hasRows);
      await begins();
      expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
      expect(await race.commits(of(p, late.write))).toEqual(REFUSED);
      expect(await race.found(p, late)).toEqual({ live: 0, kept: 0 });
      await race.expectGone(p);
    });

    it.each(['mark clinical', 'mark patient', 'commit'] as const)(
      'is refused where the deletion has come to “%s” when it writes',
      async (step) => {
        const p = await race.patient(late.hasRows);
        await begins();
        let written: Promise<string | undefined> | undefined;
        race.heldAt(step, async () => {
          written = race.commits(of(p, late.write));
          const how = await race.waitsOrEnds(race.writer, written);
          if (step === 'commit') expect(how).toBe('waits');
        });
        expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
        expect(await written).toEqual(REFUSED);
        expect(await race.found(p, late)).toEqual({ live: 0, kept: 0 });
        await race.expectGone(p);
      },
    );

    it('is refused, or its row leaves too, where it has written first', async () => {
      const p = await race.patient(late.hasRows);
      await begins();
      await race.writer.session.query(of(p, late.before ?? late.write));
      const deletion = race.delete(p);
      const how = await race.deletionWaitsOrEnds(race.writer, deletion);
      // What is checked at the end only keeps nobody waiting before.
      expect(how).toBe(late.table === 'his.referral' ? 'ended' : 'waits');
      const refused = await race.commits('');
      const answer = await deletion;
      // Whoever takes a patient away and registers him anew meanwhile leaves none to be deleted; he is there for the next.
      if (!('state' in answer)) {
        expect(answer).toMatchObject({ code: 'PATIENT_NOT_FOUND' });
        expect(late.before).toContain('DELETE');
        expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
      }
      expect(await race.found(p, late)).toEqual({ live: 0, kept: refused === undefined ? 1 : 0 });
      if (refused !== undefined) expect(refused).toEqual(REFUSED);
      await race.expectGone(p);
    });
  });
});

describe('what hangs on other rows', () => {
  it('is not destroyed where its parent comes while the parents are being locked', async () => {
    const p = await race.patient();
    // The one adds a note to a visit, and the other a word to that note as soon as it can see it.
    await race.writer.session.query('BEGIN');
    await race.writer.session.query(of(p, `INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (#77, #001, 'late')`));
    let seen: Promise<string | undefined> | undefined;
    race.heldAt('mark clinical', async () => {
      await race.other.session.query('BEGIN');
      seen = race.other.session.query(of(p, `INSERT INTO his.word VALUES (#77, 'late')`)).then(
        () => undefined,
        (error: unknown) => (error as { code?: string }).code,
      );
      await race.waitsOrEnds(race.other, seen);
    });
    const deletion = race.delete(p);
    expect(await race.deletionWaitsOrEnds(race.writer, deletion)).toBe('waits');
    expect(await race.commits('')).toBeUndefined();
    await race.deletionWaitsOrEnds(race.other, deletion);
    await seen;
    const refused = await race.commits('', race.other);
    expect(await deletion).toMatchObject({ state: 'DELETED' });
    const note = { table: '"Hasta_Kayıt"."Not.lar"', is: '"No" = #77' };
    expect(await race.found(p, note)).toEqual({ live: 0, kept: 1 });
    const word = { table: 'his.word', is: '"No" = #77' };
    const isKept = (await seen) === undefined && refused === undefined;
    expect(await race.found(p, word)).toEqual({ live: 0, kept: isKept ? 1 : 0 });
    await race.expectGone(p);
  });
});

describe('the patient', () => {
  it('is locked before his pseudonym, as by who changes his key: neither waits for what the other has', async () => {
    const p = await race.patient(false);
    await race.writer.session.query('BEGIN');
    await race.writer.session.query(of(p, `UPDATE his.person SET surname = 'Kaya' WHERE person_no = #0001`));
    const deletion = race.delete(p);
    expect(await race.deletionWaitsOrEnds(race.writer, deletion)).toBe('waits');
    // The trigger takes the pseudonym, which nobody holds; if two waited for each other, it is the writer who would fail.
    await race.writer.session.query(`SET LOCAL deadlock_timeout = '1ms'`);
    const rekey = of(p, 'UPDATE his.person SET person_no = #0002 WHERE person_no = #0001');
    expect(await race.commits(rekey)).toBeUndefined();
    expect(await deletion).toMatchObject({ state: 'DELETED' });
    const him = { table: 'his.person', is: `person_no = #0002 AND surname = 'Kaya'` };
    expect(await race.found(p, him)).toEqual({ live: 0, kept: 1 });
    await race.expectGone(p);
  });

  it('who is brought back by a hospital’s own change of key is deleted by the next deletion', async () => {
    const p = await race.patient(false);
    const patientId = await race.hospital.patientIdOf(p * 10_000 + 1);
    await race.hospital.database.query(
      of(p, 'UPDATE his.person SET person_no = #0003 WHERE person_no = #0001'),
    );
    expect(await race.hospital.patientIdOf(p * 10_000 + 3)).toBe(patientId);
    await race.hospital.orchestrator.deletePatient(deletionOf(patientId));
    await race.expectGone(p);
  });
});

it('a key of a deleted patient is refused, too, where a trigger of the hospital’s gives it to somebody else', async () => {
  const p = await race.patient(false);
  expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
  const { database } = race.hospital;
  await database.query(`
    CREATE FUNCTION his.renumber() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NEW.person_no := NEW.surname::bigint; RETURN NEW; END $$;
    CREATE TRIGGER renumber BEFORE UPDATE OF surname ON his.person FOR EACH ROW EXECUTE FUNCTION his.renumber()`);
  const renumbered = of(p, `UPDATE his.person SET surname = '#0001' WHERE person_no = 5000000 + #`);
  await expect(database.query(renumbered)).rejects.toMatchObject({ code: '23505' });
  await database.query('DROP FUNCTION his.renumber() CASCADE');
  await race.expectGone(p);
});

describe('a row that is there already', () => {
  it('leaves as it was changed last, where somebody is changing it', async () => {
    const p = await race.patient();
    await race.writer.session.query('BEGIN');
    await race.writer.session.query(of(p, 'UPDATE his.bill SET amount = 778 WHERE person_no = #0001'));
    const deletion = race.delete(p);
    expect(await race.deletionWaitsOrEnds(race.writer, deletion)).toBe('waits');
    expect(await race.commits('')).toBeUndefined();
    expect(await deletion).toMatchObject({ state: 'DELETED' });
    const changed = { table: 'his.bill', is: 'person_no = #0001 AND amount = 778' };
    expect(await race.found(p, changed)).toEqual({ live: 0, kept: 1 });
    await race.expectGone(p);
  });

  it('stays where it is given to another patient meanwhile, and the deletion fails with nothing changed', async () => {
    const p = await race.patient();
    const q = await race.patient(false);
    await race.writer.session.query('BEGIN');
    await race.writer.session.query(
      of(p, `UPDATE his.bill SET person_no = ${q}0001 WHERE person_no = #0001`),
    );
    const deletion = race.delete(p);
    expect(await race.deletionWaitsOrEnds(race.writer, deletion)).toBe('waits');
    expect(await race.commits('')).toBeUndefined();
    expect(await deletion).toMatchObject({ code: 'SHARD_FAILED', point: { table: 'his.bill' } });
    expect(await race.found(q, { table: 'his.bill', is: 'person_no = #0001' })).toEqual({ live: 1, kept: 0 });
    expect(await race.found(p, { table: 'his.visit', is: 'person_no = #0001' })).toEqual({
      live: 2,
      kept: 0,
    });
    expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
    await race.expectGone(p);
  });
});

it('leaves nothing behind, and destroys nothing, among writers of whole visits at every isolation level', async () => {
  const patients: number[] = [];
  for (let i = 0; i < 8; i++) patients.push(await race.patient());
  let running = true;
  let refused = 0;
  const kept: { p: number; visit: number }[] = [];
  let next = 100;
  const writers = ISOLATION_LEVELS.map(async (level) => {
    const session = await race.hospital.database.connect();
    while (running) {
      for (const p of patients) {
        const visit = next++ % 1_000_000;
        const name = `${visit} of ${p}`;
        try {
          await session.query(`BEGIN ISOLATION LEVEL ${level}`);
          const { rows } = await session.query<{ no: number }>(
            `INSERT INTO his.visit (person_no) VALUES ($1) RETURNING visit_no AS no`,
            [p * 10_000 + 1],
          );
          const no = rows[0]?.no ?? 0;
          await session.query(`INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (-$1::int, $2, $3)`, [
            visit,
            no,
            name,
          ]);
          await session.query('COMMIT');
          await session.query(`INSERT INTO his.word VALUES (-$1::int, $2)`, [visit, name]);
          kept.push({ p, visit });
        } catch {
          refused += 1;
          await session.query('ROLLBACK');
        }
      }
    }
    await session.end();
  });
  await until(() => patients.every((p) => kept.filter((one) => one.p === p).length >= 3));
  for (const p of patients) expect(await race.delete(p)).toMatchObject({ state: 'DELETED' });
  await until(() => refused > ISOLATION_LEVELS.length * patients.length);
  running = false;
  await Promise.all(writers);
  for (const p of patients) await race.expectGone(p);
  const [words] = await race.hospital.database.query<{ lost: string }>(
    `SELECT count(*) AS lost FROM unnest($1::int[]) AS visit
     WHERE NOT EXISTS (SELECT FROM silgi_vault.his__word WHERE "No" = -visit)`,
    [kept.map(({ visit }) => visit)],
  );
  expect(Number(words?.lost)).toBe(0);
});
