import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { removeFolders, runImport, tableCounts } from './importing.js';
import { describeSamples, NEW_YORK, recordsIn, SMALL } from './samples.js';

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
});
