import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { PatientRepository } from '../../src/patient/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

describe('the limits of a deletion (RELIABILITY rule 8)', () => {
  let silgi: Silgi;
  beforeAll(async () => {
    silgi = await openSilgi();
  });
  afterAll(() => silgi.close());

  it('outside a deletion the limit of the pool holds for a statement', async () => {
    const [row] = await silgi.app
      .get(DataSource)
      .query<{ statement: string }[]>(`SELECT current_setting('statement_timeout') AS statement`);
    expect(row).toEqual({ statement: '10s' });
  });

  it('statement, lock and idle timeout hold to the last step of a deletion, and end with it', async () => {
    const limits = `SELECT pg_backend_pid() AS session, current_setting('statement_timeout') AS statement,
        current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`;
    // The pool hands out the session that was given back last: all of this is about one and the same.
    const { manager } = silgi.app.get(DataSource);
    await manager.query(
      `SELECT set_config('statement_timeout', '20s', false), set_config('lock_timeout', '21s', false),
           set_config('idle_in_transaction_session_timeout', '22s', false)`,
    );
    const before = await manager.query<{ session: number }[]>(limits);
    const session = before[0]?.session;
    expect(before).toEqual([{ session, statement: '20s', lock: '21s', idle: '22s' }]);
    let during: unknown;
    const patient = silgi.app.get(PatientRepository);
    const complete = patient.completeDeletion.bind(patient);
    jest.spyOn(patient, 'completeDeletion').mockImplementationOnce(async (tx, ...record) => {
      await complete(tx, ...record);
      during = await tx.query(limits);
    });
    await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
    expect(during).toEqual([{ session, statement: '10s', lock: '2s', idle: '30s' }]);
    expect(await manager.query(limits)).toEqual(before);
  });
});
