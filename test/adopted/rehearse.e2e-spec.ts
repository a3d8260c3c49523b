import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adoptCommand } from '../../src/cli/adopt.command.js';
import { runInProcess } from '../support/command.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type AdoptedHospital, DECLARATION, openAdopted } from './hospital.stage.js';

let hospital: AdoptedHospital;
let file: string;

beforeAll(async () => {
  hospital = await openAdopted();
  file = join(await temporaryFolder(), 'silgi.yaml');
  await writeFile(file, DECLARATION);
});

afterAll(() => hospital.close());

const rehearse = (key: string) =>
  runInProcess(
    adoptCommand(),
    ...['rehearse', '--database', hospital.database.url, '--declaration', file, '--patient', key],
  );

describe('silgi adopt rehearse', () => {
  it('prints rows and time of each table, and each key that was checked', async () => {
    const { code, said } = await rehearse('2');
    expect([code, said]).toEqual([
      0,
      expect.stringContaining('A deletion would go through. It was rolled back'),
    ]);
    expect(said).toMatch(/^clinical +his\.visit +3 +\d+\.\d$/m);
    expect(said).toMatch(/^finance +his\.contact +4 +\d+\.\d$/m);
    expect(said).toMatch(/^visit_previous_visit_fkey +visit +3 +\d+\.\d$/m);
    expect(said).toMatch(/^29 rows; all of the deletion but its commit took \d+\.\d ms\.$/m);
  });

  it('says what would refuse the deletion, and ends with 1', async () => {
    await hospital.database.query('CREATE TABLE his.forgotten (person_no bigint REFERENCES his.person)');
    const { code, said } = await rehearse('2');
    await hospital.database.query('DROP TABLE his.forgotten');
    expect(code).toBe(1);
    expect(said).toMatch(/vetoed.*\n.*UNDECLARED_TABLE: his\.forgotten/s);
  });

  it('names table, constraint and function where the database refuses', async () => {
    await hospital.database.query(`
      CREATE FUNCTION his.harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'Işık may not go'; END $$;
      CREATE TRIGGER harm BEFORE DELETE ON his.visit FOR EACH ROW EXECUTE FUNCTION his.harm()`);
    const { code, said } = await rehearse('2');
    await hospital.database.query('DROP FUNCTION his.harm() CASCADE');
    expect(code).toBe(1);
    expect(said).toMatch(
      /The clinical shard failed \(P0001\).*\nAt the step "mark clinical", in his\.harm\(\)\./,
    );
    expect(said).not.toContain('Işık');
  });

  it('works as the service does: a right that it lacks is found', async () => {
    await hospital.database.query('REVOKE DELETE ON his.bill FROM silgi_service');
    const { code, said } = await rehearse('2');
    await hospital.database.query('GRANT DELETE ON his.bill TO silgi_service');
    expect([code, said]).toEqual([
      1,
      expect.stringContaining('the service may not move its rows; it lacks DELETE'),
    ]);
  });

  it('says that nobody has the key, where nobody has it as the database writes it', async () => {
    for (const key of ['77', '02', 'x'])
      expect(await rehearse(key)).toEqual({
        code: 1,
        said: expect.stringContaining('There is no patient with this key. Nothing was changed.'),
      });
  });
});
