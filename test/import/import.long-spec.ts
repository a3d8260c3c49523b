import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { contentsOf, removeFolders, runImport, tableCounts } from './importing.js';
import { describeSamples, NEW_YORK, recordsIn, SMALL, turnedOver } from './samples.js';

jest.setTimeout(120_000);

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
  removeFolders();
});

describeSamples('importing the sample folders', () => {
  it.each([
    ['synthea-small', SMALL, 11],
    ['synthea-ny', NEW_YORK, 100],
  ])('stores every record of %s', async (_, folder, patients) => {
    const { exitCode, stdout, stderr } = await runImport(database.url, folder);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(/Loading patients: 100 %\n$/),
    });
    expect(stdout).toMatch(`patients: ${patients} added, 0 already there`);
    expect(await tableCounts(database)).toEqual(recordsIn(folder));
  });

  it('adds nothing the second time, also uncompressed and with the rows in another order', async () => {
    await runImport(database.url, SMALL);
    const first = await contentsOf(database);
    for (const folder of [SMALL, turnedOver(SMALL)]) {
      const { exitCode, stdout } = await runImport(database.url, folder);
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: expect.stringContaining('0 added, 11 already there'),
      });
      expect(await contentsOf(database)).toBe(first);
    }
  });

  it('gives the same rows the same ids in another database, whatever their order', async () => {
    const other = await createTestDatabase();
    try {
      await runImport(database.url, NEW_YORK);
      await runImport(other.url, turnedOver(NEW_YORK));
      expect(await contentsOf(other)).toBe(await contentsOf(database));
    } finally {
      await other.drop();
    }
  });

  it('holds both folders side by side, and says what was absent and what was left out', async () => {
    await runImport(database.url, SMALL);
    const { stdout } = await runImport(database.url, NEW_YORK);
    expect(stdout).toContain('observations.csv: absent');
    expect(stdout).toContain('claims_transactions.csv: absent');
    for (const file of ['organizations', 'payers', 'providers'])
      expect(stdout).toContain(`${file}.csv.gz: left out, it is not about patients`);
    expect(await tableCounts(database)).toEqual(recordsIn(SMALL, NEW_YORK));
  });
});
