import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient, wholeDeletions } from '../support/patients.js';
import { batchOf } from './batch.stage.js';

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

describe('a batch that cannot be shown', () => {
  it('is not made: it is read back before the commit, and not behind it', async () => {
    const patientId = await seedPatient(database, 1);
    const count = async () => (await database.query('SELECT FROM patient.sharded_deletion_batch')).length;
    const before = await count();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own object
    const { query } = EntityManager.prototype;
    const spy = jest.spyOn(EntityManager.prototype, 'query').mockImplementation(function (
      this: EntityManager,
      text: string,
      ...more
    ) {
      if (text.includes('AS running')) return Promise.reject(new Error('cannot be shown'));
      return query.call(this, text, ...more);
    });
    const answer = await batchOf(api, [patientId]);
    spy.mockRestore();
    expectProblem(answer, 500, 'INTERNAL_ERROR');
    expect((answer.body as { detail: string }).detail).toContain('is not known');
    expect(await count()).toBe(before);
    expect(await wholeDeletions(database, [patientId])).toEqual([]);
  });
});
