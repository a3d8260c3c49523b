import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { contentsOf, folderWith, removeFolders, runImport, tableCounts } from './importing.js';
import { ANA, asFiles, threePatients } from './three.patients.js';

jest.setTimeout(60_000);

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});
afterAll(removeFolders);

const TRANSITIONS = 'PATIENT,MEMBERID,START_DATE,END_DATE,PAYER,SECONDARY_PAYER,PLAN_OWNERSHIP,OWNER_NAME';
/** What a spreadsheet of another country makes of a file: its delimiter, and quotes where a cell holds that. */
const separated = (text: string, delimiter: string) =>
  text.replaceAll(/("[^"]*")|,/g, (_, quoted?: string) => quoted ?? delimiter);

describe('an import of what other versions and other programs write', () => {
  it("takes Synthea's no end for no end, and rejects nobody for it", async () => {
    const lines = threePatients();
    lines['payer_transitions'] = [
      TRANSITIONS,
      `${ANA},,2022-12-21T01:12:08Z,292278994-08-17T07:12:55Z,,,Self,x`,
    ];
    lines['conditions']?.splice(1, 1, `2024-01-02,292278994-08-17,${ANA},,38341003,Hypertension`);
    expect(await runImport(database.url, folderWith(asFiles(lines)))).toMatchObject({ exitCode: 0 });
    expect(
      await database.query(
        `SELECT ends_at, resolved_date FROM finance.sharded_sigorta JOIN clinical.sharded_tani USING (patient_id)`,
      ),
    ).toEqual([{ ends_at: null, resolved_date: null }]);
  });

  it('imports a folder of Synthea 2, and says which columns stay empty', async () => {
    const { patients = [] } = threePatients();
    const lines = {
      patients,
      procedures: [
        'DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,COST,REASONCODE,REASONDESCRIPTION',
        `2019-05-01T08:00:00Z,${ANA},,430193006,Medication Reconciliation,1.00,,`,
      ],
      payer_transitions: ['PATIENT,START_YEAR,END_YEAR,PAYER,OWNERSHIP', `${ANA},1980,1990,,Guardian`],
      medications: [
        'START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,COST,DISPENSES,TOTALCOST,REASONCODE,REASONDESCRIPTION',
        `2019-05-01,,${ANA},,1,x,2.00,3,6.00,,`,
      ],
    };
    const { exitCode, stdout } = await runImport(database.url, folderWith(asFiles(lines)));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('procedures.csv: from an older Synthea, without STOP: left empty\n');
    expect(stdout).toContain(
      'medications.csv: from an older Synthea, without PAYER, PAYER_COVERAGE: left empty\n',
    );
    expect(
      await database.query(
        `SELECT p.performed_at, p.base_cost, m.started_at, m.base_cost AS price, s.starts_at, s.ends_at
         FROM clinical.sharded_tibbi_islem p JOIN clinical.sharded_recete m USING (patient_id)
         JOIN finance.sharded_sigorta s USING (patient_id)`,
      ),
    ).toEqual([
      {
        performed_at: new Date('2019-05-01T08:00:00Z'),
        base_cost: '1.00',
        started_at: new Date('2019-05-01T00:00:00Z'),
        price: '2.00',
        starts_at: new Date('1980-01-01T00:00:00Z'),
        ends_at: new Date('1990-12-31T23:59:59Z'),
      },
    ]);
  });

  it.each([
    ['semicolons', ';', ''],
    ['semicolons after a byte order mark', ';', '\uFEFF'],
    ['tabs', '\t', ''],
  ])('reads %s as the same rows', async (_, delimiter, mark) => {
    const files = asFiles(threePatients());
    await runImport(database.url, folderWith(files));
    const before = await contentsOf(database);
    const others = Object.entries(files).map(([name, text]) => [name, mark + separated(text, delimiter)]);
    const { exitCode, stdout } = await runImport(
      database.url,
      folderWith(Object.fromEntries(others) as typeof files),
    );
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('0 added, 3 already there'),
    });
    expect(await contentsOf(database)).toBe(before);
  });

  it.each<[what: string, name: string, text: string]>([
    ['that Synthea writes', 'patient_expenses.csv', 'PATIENT_ID,YEAR\n'],
    ['that somebody added', 'lab.csv', `code,patient\n1,${ANA}\n`],
  ])(
    'loads the patients, but is not complete where a file about them %s is left out',
    async (_, name, text) => {
      const folder = folderWith({ ...asFiles(threePatients()), [name]: text, 'wards.csv': 'name,beds\n' });
      const { exitCode, stdout, stderr } = await runImport(database.url, folder);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`${name} is about patients and is left out: no table is for it`);
      expect(stdout).toContain(`${name}: is about patients and is left out`);
      expect(stdout).toContain('wards.csv: left out, Synthea writes no such file');
      expect(stdout).toContain('patients: 3 added');
    },
  );

  it('gives patients whose ids begin alike record numbers of their own', async () => {
    const lines = threePatients();
    lines['patients']?.push((lines['patients'][2] ?? '').replace(/^[^,]*/, ANA.replace(/a$/, 'b')));
    expect(await runImport(database.url, folderWith(asFiles(lines)))).toMatchObject({ exitCode: 0 });
    const numbers = await database.query<{ n: string }>(
      `SELECT record_number AS n FROM patient.sharded_patient_demographics WHERE record_number LIKE 'SYN-10000000%' ORDER BY 1`,
    );
    expect(numbers.map(({ n }) => n)).toEqual([
      'SYN-10000000-0000-4000-8000-00000000000A',
      'SYN-10000000-0000-4000-8000-00000000000B',
    ]);
  });

  it('writes nothing where a file is in Windows-1254, names the line and the way, and reads it that way', async () => {
    const files = asFiles(threePatients());
    const turkish = (text: string) =>
      Buffer.from(
        text.replaceAll('Yıldız', 'Yýldýz').replaceAll('ş', 'þ').replaceAll('ğ', 'ð').replaceAll('ı', 'ý'),
        'latin1',
      );
    const folder = folderWith({ ...files, 'patients.csv': turkish(files['patients.csv'] ?? '') });
    const refused = await runImport(database.url, folder);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(
      '\npatients.csv:2: is not UTF-8; it looks like Windows-1254 (ISO-8859-9), as Turkish spreadsheets write it: ' +
        'import with --encoding windows-1254\n',
    );
    expect(Object.values(await tableCounts(database)).every((rows) => rows === 0)).toBe(true);
    expect(await runImport(database.url, folder, { encoding: 'windows-1254' })).toMatchObject({
      exitCode: 0,
    });
    expect(
      await database.query(
        `SELECT given_name, family_name, city FROM patient.sharded_patient_demographics WHERE patient_id = '${ANA}'`,
      ),
    ).toEqual([{ given_name: 'Işıl', family_name: 'Yıldız', city: 'Muğla' }]);
  });
});
