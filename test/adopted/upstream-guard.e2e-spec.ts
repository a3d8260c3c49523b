import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPlan, planOf } from '../../src/adoption/index.js';
import { SilgiError } from '../../src/common/index.js';
import { readDeclaration } from '../../src/declaration/index.js';
import { createEmptyDatabase } from '../support/database.js';
import { deletionOf } from '../support/silgi.js';
import { AdoptedGuard, type Reason } from './guard.stage.js';
import { DECLARATION, HOSPITAL, SILENT } from './hospital.stage.js';

/** Phones lie upstream of contacts, which hang on visits of another shard by no key; letters of visits and contacts. */
const SCHEMA = `${HOSPITAL};
  CREATE TABLE his.phone (phone_no integer PRIMARY KEY, digits text);
  CREATE TABLE his.letter (letter_no integer PRIMARY KEY, words text);
  ALTER TABLE his.contact ADD COLUMN phone_no integer REFERENCES his.phone, ADD COLUMN letter_no integer REFERENCES his.letter;
  ALTER TABLE his.visit ADD COLUMN letter_no integer REFERENCES his.letter;
  ALTER TABLE his.staff ADD COLUMN phone_no integer REFERENCES his.phone`;

/** The hospital's own declaration, with contacts hidden with the patient, and what lies upstream of them. */
const declaration = (phone: string) =>
  DECLARATION.replace(
    'shard: finance\n    resource: Contact',
    'shard: patient\n    resource: Contact',
  ).replace(
    'kept:',
    `  his.letter:
    shard: patient
    resource: Letter
    upstream: true
    anyOf: [{ via: { letter_no: his.visit.letter_no } }, { via: { letter_no: his.contact.letter_no } }]
${phone}`,
  );
const UPSTREAM = `  his.phone:
    shard: patient
    resource: Phone
    upstream: true
    anyOf: [{ via: { phone_no: his.contact.phone_no } }, { via: { phone_no: his.staff.phone_no } }]
kept:`;
const KEPT = `kept:
  his.phone: { reason: not decided yet }`;

let guard: AdoptedGuard;
beforeAll(async () => {
  guard = await AdoptedGuard.open({ schema: SCHEMA, people: '', declaration: declaration(UPSTREAM) });
});
afterAll(() => guard.hospital.close());

const count = async (what: string) => {
  const [found] = (await guard.run(`SELECT count(*)::int AS n FROM ${what}`)) as { n: number }[];
  return found?.n;
};

describe('a table upstream of several', () => {
  it('is left by what only this patient uses, by rows whose own parent left with an earlier shard, too', async () => {
    const key = await guard.patient();
    await guard.run(`INSERT INTO his.phone VALUES (${key}, 'a'); INSERT INTO his.letter VALUES (${key}, 'b'), (-${key}, 'c');
      INSERT INTO his.contact VALUES (NULL, 'visit', ${key}, 'x', ${key}, ${key});
      UPDATE his.visit SET letter_no = -${key} WHERE visit_no = ${key}`);
    const patientId = await guard.hospital.patientIdOf(key);
    const { answer } = await guard.hospital.orchestrator.deletePatient(deletionOf(patientId));
    expect(answer.totalRows).toBe(13);
    expect([await count('his.phone'), await count('his.letter')]).toEqual([0, 0]);
    expect(await guard.scan()).toMatchObject({ healthy: true, orphans: [], rowsOfNobody: [] });
  });

  it.each<[what: string, change: string, back: string, why: string, ...more: Reason[]]>([
    [
      'row-level security hides rows of a table that uses its rows',
      'ALTER TABLE his.staff ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON his.staff USING (staff_no = 1)',
      'DROP POLICY own ON his.staff; ALTER TABLE his.staff DISABLE ROW LEVEL SECURITY',
      'rows of his.staff use its rows, and a policy of row-level security hides some of them from the service',
    ],
    [
      'the service may not read a table that uses its rows',
      'REVOKE SELECT ON his.staff FROM silgi_service',
      'GRANT SELECT ON his.staff TO silgi_service',
      'rows of his.staff use its rows, and silgi_service may not read them',
    ],
    [
      'a table that uses its rows is gone',
      'ALTER TABLE his.staff RENAME TO people',
      'ALTER TABLE his.people RENAME TO staff',
      'his.staff, whose rows use its rows, is not there',
      ['his.people', /that no shard declares/],
      ['his.phone', /^his\.people refers to it/],
    ],
  ])('stands in the way of every deletion where %s', async (_, change, back, why, ...more) => {
    const key = await guard.patient();
    await guard.run(change);
    try {
      expect(await guard.failureOf(key)).toBeInstanceOf(SilgiError);
      await guard.expectSaid([['his.phone', new RegExp(`^${why}$`)], ...more]);
    } finally {
      await guard.run(back);
    }
    await guard.expectDeleted(key);
  });
});

describe('adopt apply, where a table becomes one upstream later', () => {
  it('lets the service look for it by the rows that leave', async () => {
    const database = await createEmptyDatabase();
    try {
      await database.query(SCHEMA);
      for (const phone of [KEPT, UPSTREAM]) {
        const plan = await planOf(database.url, readDeclaration(declaration(phone), 'silgi.yaml'));
        await applyPlan(database.url, plan, SILENT, () => undefined);
      }
      expect(
        await database.query(
          `SELECT has_column_privilege('silgi_service', 'silgi_vault.his__contact', 'phone_no', 'SELECT') AS may,
             has_column_privilege('silgi_service', 'silgi_vault.his__contact', 'note', 'SELECT') AS more`,
        ),
      ).toEqual([{ may: true, more: false }]);
    } finally {
      await database.drop();
    }
  });
});
