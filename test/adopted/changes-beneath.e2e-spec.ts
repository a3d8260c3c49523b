import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AdoptedGuard, type Change } from './guard.stage.js';

let guard: AdoptedGuard;
beforeAll(async () => {
  guard = await AdoptedGuard.open();
});
afterEach(() => guard.hospital.assertNothingLeaked());
afterAll(() => guard.hospital.close());

const OTHER_COLUMNS = /has not the same columns/;
const NO_FENCE = /nothing keeps rows of a deleted patient out/;
const NO_TRIGGER = /the trigger silgi_patient_anchor, which gives every new patient his pseudonym/;
const UNDECLARED = /that no shard declares/;

describe('the registration of patients makes every deletion refuse where', () => {
  const TRIGGER = `CREATE OR REPLACE TRIGGER silgi_patient_anchor AFTER INSERT OR UPDATE ON his.person
    FOR EACH ROW EXECUTE FUNCTION silgi.register_patient()`;
  const off = (what: string, ddl: string, undo = TRIGGER): Change => [
    what,
    ddl,
    undo,
    ['his.person', NO_TRIGGER],
  ];
  it.each<Change>([
    off('its trigger is gone', 'DROP TRIGGER silgi_patient_anchor ON his.person'),
    off(
      'its trigger is off',
      'ALTER TABLE his.person DISABLE TRIGGER silgi_patient_anchor',
      'ALTER TABLE his.person ENABLE TRIGGER silgi_patient_anchor',
    ),
    off(
      'its trigger fires in replicas alone',
      'ALTER TABLE his.person ENABLE REPLICA TRIGGER silgi_patient_anchor',
      'ALTER TABLE his.person ENABLE TRIGGER silgi_patient_anchor',
    ),
    off('its trigger fires for new patients alone', TRIGGER.replace('INSERT OR UPDATE', 'INSERT')),
    off('its trigger fires for another column alone', TRIGGER.replace('UPDATE', 'UPDATE OF surname')),
    off('its trigger has a condition', TRIGGER.replace('EXECUTE', 'WHEN (NEW.person_no > 0) EXECUTE')),
    off(
      'its function is another one',
      `ALTER FUNCTION silgi.register_patient() RENAME TO was;
       CREATE FUNCTION silgi.register_patient() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
         SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END';
       ${TRIGGER}`,
      `DROP FUNCTION silgi.register_patient() CASCADE; ALTER FUNCTION silgi.was() RENAME TO register_patient; ${TRIGGER}`,
    ),
    off(
      'its function works with the rights of who writes',
      'ALTER FUNCTION silgi.register_patient() SECURITY INVOKER',
      'ALTER FUNCTION silgi.register_patient() SECURITY DEFINER',
    ),
    off(
      'its function looks for names where everybody may make some',
      'ALTER FUNCTION silgi.register_patient() RESET search_path',
      'ALTER FUNCTION silgi.register_patient() SET search_path = pg_catalog, pg_temp',
    ),
  ])('%s', (...change) => guard.expectVetoBy(change));
});

describe('every deletion is refused where', () => {
  it('the service’s role is in replica mode, and foreign keys do not hold', async () => {
    const key = await guard.patient();
    const role = `ALTER ROLE silgi_service IN DATABASE ${guard.hospital.database.name}`;
    await guard.run(`${role} SET session_replication_role = replica`);
    try {
      await guard.expectVeto(key, [['*', /foreign keys do not hold/]], 'FOREIGN_KEYS_OFF');
    } finally {
      await guard.run(`${role} RESET session_replication_role`);
    }
    await guard.expectDeleted(key);
  });
});

describe('a table that a deletion counts in', () => {
  it.each<Change>([
    [
      'and that has another name by now fails it, and is named by readiness',
      'ALTER TABLE his.word RENAME TO wort',
      'ALTER TABLE his.wort RENAME TO word',
      ['his.word', /declared by a shard, but not in the database/],
      ['his.wort', UNDECLARED],
      ['Hasta_Kayıt.Not.lar', /his\.wort refers to it \("word_No_fkey"\), and its rows do not leave with it/],
    ],
    [
      'and on which others hang fails it where it lies elsewhere by now',
      'ALTER TABLE his.visit SET SCHEMA public',
      'ALTER TABLE public.visit SET SCHEMA his',
      ['his.visit', /declared by a shard, but not in the database/],
      ['public.visit', UNDECLARED],
      ['his.person', /visit refers to it \(visit_person_no_fkey\), and its rows do not leave with it/],
      ['Hasta_Kayıt.Not.lar', /no foreign key that is on leads from Muayene to his\.visit/],
    ],
    [
      'and that is dropped fails it, and is named by readiness',
      'CREATE TABLE public.kept AS TABLE his.contact; DROP TABLE his.contact',
      `CREATE TABLE his.contact (LIKE public.kept); INSERT INTO his.contact TABLE public.kept; DROP TABLE public.kept;
       CREATE INDEX ON his.contact (subject); CREATE INDEX ON his.contact (ref);
       GRANT SELECT, DELETE, UPDATE (subject) ON his.contact TO silgi_service`,
      ['his.contact', /declared by a shard, but not in the database/],
    ],
    [
      'and the column of whose key has another name fails it, and is named by readiness',
      'ALTER TABLE his.bill RENAME COLUMN person_no TO patient',
      'ALTER TABLE his.bill RENAME COLUMN patient TO person_no',
      ['his.bill', OTHER_COLUMNS],
      ['his.bill', /bill_person_no_fkey would change or remove rows of other patients/],
      ['his.bill', NO_FENCE],
    ],
  ])('%s', async (_, ddl, undo, ...reasons) => {
    const key = await guard.patient();
    await guard.run(ddl);
    try {
      expect(await guard.failureOf(key)).toMatchObject({ code: 'SHARD_FAILED', point: { phase: 'PREPARE' } });
      await guard.expectSaid(reasons);
    } finally {
      await guard.run(undo);
    }
    await guard.expectDeleted(key);
  });
});

describe('a trigger of the hospital’s on DELETE', () => {
  const trigger = (body: string, when = 'BEFORE', table = 'his.word') =>
    `CREATE FUNCTION his.on_delete() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN ${body} END $$;
     CREATE TRIGGER on_delete ${when} DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION his.on_delete()`;
  const undo = 'DROP FUNCTION his.on_delete() CASCADE';

  const inClinical = { point: { shard: 'clinical', step: 'mark clinical' } };

  it.each([
    ['that raises', trigger(`RAISE EXCEPTION 'Işıl may not go';`), inClinical],
    [
      'that swallows the row',
      trigger('RETURN NULL;'),
      { point: { shard: 'clinical', step: 'rescan', table: 'his.word' } },
    ],
    [
      'that writes the row again before it is gone',
      trigger('INSERT INTO his.contact VALUES (OLD.*); RETURN OLD;', 'BEFORE', 'his.contact'),
      { point: { shard: 'finance', step: 'rescan', table: 'his.contact' } },
    ],
    [
      'that writes the row again once it is gone',
      trigger('INSERT INTO his.contact VALUES (OLD.*); RETURN NULL;', 'AFTER', 'his.contact'),
      { point: { shard: 'finance', step: 'rescan', table: 'his.contact' } },
    ],
    [
      'that registers the patient again',
      trigger(
        `INSERT INTO his.person (person_no, file_number) VALUES (OLD.person_no, 'again'); RETURN NULL;`,
        'AFTER',
        'his.person',
      ),
      { point: { shard: 'patient', step: 'mark patient' } },
    ],
    [
      'that takes away rows of a shard that is hidden later',
      trigger('DELETE FROM his.reading WHERE subject = OLD.person_no; RETURN NULL;', 'AFTER', 'his.bill'),
      { point: { shard: 'clinical', step: 'compare counts', table: 'his.reading' } },
    ],
    [
      'that takes away rows which the same statement hides',
      trigger('DELETE FROM his.reading WHERE subject = OLD.person_no; RETURN OLD;', 'BEFORE', 'his.visit'),
      { point: { shard: 'clinical' } },
    ],
    [
      'that gives rows of his to somebody else',
      trigger(
        'UPDATE his.reading SET subject = 1 WHERE subject = OLD.person_no; RETURN NULL;',
        'AFTER',
        'his.bill',
      ),
      { point: { shard: 'clinical', step: 'compare counts', table: 'his.reading' } },
    ],
    [
      'that may not do what it does with the rights of the service',
      trigger(`UPDATE his.ward SET name = 'late'; RETURN NULL;`, 'AFTER', 'his.visit').replace(
        'DEFINER',
        'INVOKER',
      ),
      inClinical,
    ],
    [
      'that changes the row that is to go',
      trigger(
        'UPDATE his.visit SET triage = NULL WHERE visit_no = OLD.visit_no; RETURN OLD;',
        'BEFORE',
        'his.visit',
      ),
      inClinical,
    ],
    [
      'that keeps the patient',
      trigger('RETURN NULL;', 'BEFORE', 'his.person'),
      { code: 'DEMOGRAPHICS_NOT_DELETED', point: { table: 'his.person' } },
    ],
  ])('%s ends in one error that names the shard, with nothing changed', async (_, ddl, error) => {
    const key = await guard.patient();
    await guard.run(ddl);
    try {
      expect(await guard.failureOf(key)).toMatchObject({ code: 'SHARD_FAILED', ...error });
    } finally {
      await guard.run(undo);
    }
    await guard.expectDeleted(key);
  });

  it('that takes away at the end what leaves with it finds nothing, and the deletion is whole', async () => {
    const key = await guard.patient();
    await guard.run(
      trigger('DELETE FROM his.reading WHERE subject = OLD.person_no; RETURN NULL;', 'AFTER', 'his.visit'),
    );
    try {
      await guard.expectDeleted(key);
    } finally {
      await guard.run(undo);
    }
    expect(
      await guard.run(`SELECT subject FROM silgi_vault.his__reading WHERE subject = ${key}`),
    ).toHaveLength(1);
  });

  it('that rewrites other rows is left to do so, and the deletion is whole', async () => {
    const key = await guard.patient();
    await guard.run(
      trigger(
        `UPDATE his.ward SET name = name || '.'; UPDATE his.reading SET value = 5 WHERE subject = OLD.person_no; RETURN NULL;`,
        'AFTER',
        'his.bill',
      ),
    );
    try {
      await guard.expectDeleted(key);
    } finally {
      await guard.run(undo);
    }
    expect(await guard.run(`SELECT value FROM silgi_vault.his__reading WHERE subject = ${key}`)).toEqual([
      { value: 5 },
    ]);
  });
});

it('a deletion fails where a row of another patient hangs on his, by the table, and changes nothing', async () => {
  const [his, other] = [await guard.patient(), await guard.patient()];
  await guard.run(`UPDATE his.visit SET previous_visit = ${his} WHERE visit_no = ${other}`);
  expect(await guard.failureOf(his)).toMatchObject({
    code: 'SHARD_FAILED',
    point: { shard: 'clinical', step: 'mark clinical', table: 'his.visit' },
  });
  // The other one's own rows are in nobody's way.
  await guard.expectDeleted(other);
  await guard.expectDeleted(his);
});
