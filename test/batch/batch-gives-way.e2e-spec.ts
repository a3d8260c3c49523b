import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { Admission } from '../../src/protocol/index.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { deletedOnce, endOf, makeBatch, seedMany } from './batch.stage.js';

const LINES = 12;

let database: TestDatabase;
let api: Api;
/** Lines of a batch at work, and the most there were since it was set to 0. */
let atWork = 0;
let most = 0;

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  const orchestrator = api.app.get(PatientOrchestrator);
  const remove = orchestrator.deletePatient.bind(orchestrator);
  jest.spyOn(orchestrator, 'deletePatient').mockImplementation(async (command) => {
    const isLine = command.idempotencyKey?.startsWith('batch:') === true;
    if (isLine) most = Math.max(most, ++atWork);
    try {
      return await remove(command);
    } finally {
      if (isLine) atWork -= 1;
    }
  });
});

afterEach(async () => {
  await api.close();
  await database.drop();
});

async function deleteBatch(): Promise<void> {
  const ids = await seedMany(database, LINES);
  most = 0;
  const batchId = await makeBatch(api, ids);
  await endOf(api, batchId);
  expect(await deletedOnce(database, ids)).toBe(LINES);
}

it('a batch has several lines at work, and one beside a single deletion', async () => {
  await deleteBatch();
  expect(most).toBe(4);

  // Somebody else's single deletion, which takes for ever.
  const place = await api.app.get(Admission, { strict: false }).enter('INTERACTIVE', {});
  await deleteBatch();
  expect(most).toBe(1);
  place?.leave();
});
