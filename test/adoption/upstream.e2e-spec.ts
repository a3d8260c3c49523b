import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { adoptCheckCommand } from '../../src/cli/adopt.check.command.js';
import { runInProcess } from '../support/command.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { propose, type Proposal } from './discover.js';

/** Names of patients and of staff stand in one table; a kinship is of two patients. */
const SCHEMA = `
  CREATE SCHEMA his;
  CREATE TABLE his.name (name_id integer PRIMARY KEY, surname text);
  CREATE TABLE his.patient (patient_id bigint PRIMARY KEY, name_id integer REFERENCES his.name);
  CREATE TABLE his.staff (staff_no integer PRIMARY KEY, name_id integer REFERENCES his.name);
  CREATE TABLE his.kinship (a bigint REFERENCES his.patient, b bigint, PRIMARY KEY (a, b));
  INSERT INTO his.name SELECT n, 'Ak' FROM generate_series(1, 9) n;
  INSERT INTO his.patient SELECT n, n FROM generate_series(1, 6) n;
  INSERT INTO his.staff SELECT n, n FROM generate_series(7, 9) n`;

let database: TestDatabase;
let file: string;
let proposal: Proposal;

/** Of the patients, the names, and a kinship that leaves with the last. */
const declared = (names: object = UPSTREAM) =>
  stringify({
    silgi: 1,
    database: { schemas: ['his'] },
    patient: {
      table: 'his.patient',
      key: { column: 'patient_id', type: 'bigint' },
      shard: 'patient',
      resource: 'Person',
    },
    tables: {
      'his.name': { shard: 'patient', resource: 'Name', upstream: true, ...names },
      'his.kinship': {
        shard: 'clinical',
        resource: 'Kinship',
        fence: 'none',
        accepted: 'seen',
        shared: { rule: 'leavesWithLast' },
        anyOf: [{ key: 'a' }, { key: 'b' }],
      },
    },
    reference: ['his.staff'],
  });
const OF_PATIENTS = { via: { name_id: 'his.patient.name_id' } };
const OF_STAFF = { via: { name_id: 'his.staff.name_id' } };
const UPSTREAM = { anyOf: [OF_PATIENTS, OF_STAFF] };

async function check(text: string) {
  await writeFile(file, text);
  const before = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = database.url;
  try {
    return await runInProcess(adoptCheckCommand(), '--declaration', file);
  } finally {
    process.env['DATABASE_URL'] = before;
  }
}

beforeAll(async () => {
  database = await createEmptyDatabase();
  file = join(await temporaryFolder(), 'silgi.yaml');
  await database.query(SCHEMA);
  proposal = await propose(database.url, '--schema', 'his');
  await database.query('ALTER TABLE his.kinship DROP CONSTRAINT kinship_a_fkey');
});
afterAll(() => database.drop());

describe('a table upstream', () => {
  it('is proposed with every key that leads to it, those of tables about no patient included', () => {
    expect(proposal.tables['his.name']).toMatchObject({ ...UPSTREAM, upstream: true });
    expect([...Object.keys(proposal.kept), ...proposal.reference.map(({ table }) => table)]).toContain(
      'his.staff',
    );
  });

  it('is as it has to be where each of these keys is one of its ways', async () => {
    expect(await check(declared())).toMatchObject({ code: 0 });
  });

  it('is not where a way of it is missing', async () => {
    const { code, said } = await check(declared(OF_PATIENTS));
    expect(said).toContain(
      'his.name: is upstream, and his.staff.name_id refers to it: name that key as a way of it, too',
    );
    expect(code).toBe(1);
  });

  it.each([
    [
      'no key leads by one of its ways',
      'ALTER TABLE his.staff DROP CONSTRAINT staff_name_id_fkey',
      'ALTER TABLE his.staff ADD FOREIGN KEY (name_id) REFERENCES his.name',
      'his.name: no foreign key leads from name_id of his.staff to it: without one, nothing keeps a row that is used from leaving',
    ],
    [
      'it refers to itself',
      'ALTER TABLE his.name ADD COLUMN earlier integer REFERENCES his.name',
      'ALTER TABLE his.name DROP COLUMN earlier',
      'his.name: is upstream and refers to itself: keep it, and say why',
    ],
    [
      'rows are to stay with the last of several behind a key',
      'ALTER TABLE his.kinship ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES his.patient',
      'ALTER TABLE his.kinship DROP CONSTRAINT k',
      'his.kinship: a foreign key leads from a to his.patient, so that its rows cannot stay when that row leaves: say shared: leavesWithFirst',
    ],
  ])('is named where %s', async (_, change, back, line) => {
    await database.query(change);
    const { code, said } = await check(declared());
    await database.query(back);
    expect(said).toContain(line);
    expect(code).toBe(1);
  });
});
