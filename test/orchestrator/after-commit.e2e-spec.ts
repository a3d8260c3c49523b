import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { type Action, declareSteps, Transactions } from '../../src/protocol/index.js';
import { hold } from '../batch/batch.stage.js';
import { seedPatient } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

let silgi: Silgi;
beforeAll(async () => {
  silgi = await openSilgi({ asOwner: true });
});
afterAll(() => silgi.close());

/** Releases the holds of a patient. */
async function release(patientId: string, more: Partial<Action<unknown>> = {}): Promise<Action<unknown>> {
  await hold(silgi.database, patientId);
  return {
    name: 'release',
    ids: { run: randomUUID() },
    home: 'patient',
    steps: declareSteps({ write: { phase: 'EXECUTE', shard: 'patient' } }),
    work: (transaction) =>
      transaction.step('write', (manager: EntityManager) =>
        manager.query('UPDATE patient.sharded_legal_hold SET released_at = now() WHERE patient_id = $1', [
          patientId,
        ]),
      ),
    hasCommitted: () => Promise.resolve(false),
    ...more,
  };
}

const isReleased = async (patientId: string) => {
  const [row] = await silgi.database.query<{ released: boolean }>(
    'SELECT released_at IS NOT NULL AS released FROM patient.sharded_legal_hold WHERE patient_id = $1',
    [patientId],
  );
  return row?.released;
};

it('an outcome that cannot be named is logged, and what has committed is answered as a success', async () => {
  const patientId = await seedPatient(silgi.database, 1);
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const action = await release(patientId, {
    outcomeOf: () => {
      throw new Error('no word for it');
    },
  });
  await expect(silgi.app.get(Transactions).commit(action)).resolves.toBeDefined();
  expect(logged.mock.calls.map(([text]) => text as string)).toEqual([
    'The outcome of the release could not be named',
  ]);
  logged.mockRestore();
  expect(await isReleased(patientId)).toBe(true);
});

it('a connection that cannot be given back after COMMIT makes no failure of it', async () => {
  const patientId = await seedPatient(silgi.database, 1);
  const dataSource = silgi.app.get(DataSource);
  const create = dataSource.createQueryRunner.bind(dataSource);
  const spy = jest.spyOn(dataSource, 'createQueryRunner').mockImplementation((...given) => {
    const queryRunner = create(...given);
    const giveBack = queryRunner.release.bind(queryRunner);
    queryRunner.release = async () => {
      await giveBack();
      throw new Error('not given back');
    };
    return queryRunner;
  });
  await expect(silgi.app.get(Transactions).commit(await release(patientId))).resolves.toBeDefined();
  expect(spy).toHaveBeenCalled();
  spy.mockRestore();
  expect(await isReleased(patientId)).toBe(true);
});
