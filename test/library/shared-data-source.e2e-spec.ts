import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import supertest from 'supertest';
import { DataSource, EntityManager } from 'typeorm';
import {
  DatabaseUnavailable,
  PatientAlreadyDeleted,
  Silgi,
  SilgiModule,
  ValidationFailed,
} from '../../src/library/index.js';
import type { TestDatabase } from '../support/database.js';
import { auditEventsOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import {
  DELETION,
  hospital,
  hospitalDatabase,
  type KeptLog,
  met,
  REQUESTED_BY,
  sessionsOfSilgi,
  Ward,
} from './hospital.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'exit'] as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await hospitalDatabase();
});
afterAll(() => database.drop());

const sharing = SilgiModule.forRootAsync({
  inject: [DataSource],
  useFactory: (dataSource: DataSource) => ({ database: { dataSource } }),
});

describe('an application with Silgi on its data source', () => {
  let app: NestExpressApplication;
  let log: KeptLog;
  const listeners = SIGNALS.map((signal) => process.listenerCount(signal));

  beforeAll(async () => {
    ({ app, log } = await hospital(database.url, [sharing]));
  });
  afterAll(() => app.close());

  it('deletes a patient through the facade, with the audit event of whom the application named', async () => {
    const patientId = await seedPatient(database);
    const answer = await supertest(app.getHttpServer()).delete(`/wards/patients/${patientId}`).expect(200);
    expect(answer.body).toMatchObject({ patientId, state: 'DELETED', requestedBy: 'clerk' });
    const [event, ...others] = await auditEventsOf(database, patientId);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ action: 'SYSTEM_DELETE_PATIENT', actor: 'clerk' });
  });

  it('gets the errors of the product, by their classes', async () => {
    const silgi = app.get(Silgi);
    const patientId = await seedPatient(database);
    const preview = await silgi.previewDeletion({ patientId });
    expect(preview).toMatchObject({ patientId, ready: true });
    await silgi.deletePatient({ patientId, ...DELETION, previewDigest: preview.digest });
    await expect(silgi.deletePatient({ patientId, ...DELETION })).rejects.toThrow(PatientAlreadyDeleted);
    expect(await silgi.readiness()).toMatchObject({ status: 'ready', catalogue: 'complete' });
    expect(await silgi.integrity()).toMatchObject({ healthy: true });
  });

  it.each([
    ['no UUID', { patientId: 'H-204117' }, 'patientId must be a UUID'],
    ['another reason', { reason: 'tidying up' }, 'reason must be one of DATA_SUBJECT_REQUEST'],
    ['what nobody knows', { dryrun: true }, 'has what is not known: dryrun'],
    ['an empty name', { requestedBy: { ...REQUESTED_BY, subject: ' ' } }, 'is empty'],
    ['a key with a space', { idempotencyKey: 'a b' }, 'idempotencyKey must be 1 to 255 visible'],
  ])('is told what is wrong with a deletion with %s, before the database is', async (_, wrong, message) => {
    const asked = { patientId: randomUUID(), ...DELETION, ...wrong } as never;
    const refused = app.get(Silgi).deletePatient(asked);
    await expect(refused).rejects.toThrow(ValidationFailed);
    await expect(refused).rejects.toThrow(message);
  });

  it('keeps its own data source, entities and sessions', async () => {
    const dataSource = app.get(DataSource);
    expect(app.get(EntityManager)).toBe(dataSource.manager);
    expect(dataSource.entityMetadatas.map(({ target }) => target)).toEqual([Ward]);
    const [session] = await dataSource.query<{ user: string; name: string; zone: string }[]>(
      `SELECT current_user = session_user AS user, current_setting('application_name') AS name,
         current_setting('lock_timeout') AS zone`,
    );
    expect(session).toEqual({ user: true, name: 'hospital', zone: '0' });
    expect(await sessionsOfSilgi(database)).toBeGreaterThan(0);
  });

  it('keeps its own guard, pipe, filter and bodies of requests', async () => {
    Object.assign(met, { guard: [], pipe: 0, filter: 0 });
    const server = supertest(app.getHttpServer());
    await server.get('/wards').expect(200, [{ name: 'A', beds: 12 }]);
    await server
      .post('/wards')
      .send({ anything: { at: 'all' } })
      .expect(201, { anything: { at: 'all' } });
    await server.delete(`/wards/patients/${randomUUID()}`).expect(418, { hospital: 'PatientNotFound' });
    expect(met).toEqual({ guard: Array(3).fill('WardsController'), pipe: 2, filter: 1 });
    await server.get('/api/v1/health/live').expect(418);
  });

  it('keeps its logger, in which Silgi writes too', async () => {
    new Logger('Hospital').log('a line of the hospital');
    expect(log.lines).toContainEqual(['a line of the hospital', 'Hospital']);
    const patientId = await seedPatient(database);
    const { answer } = await app.get(Silgi).deletePatient({ patientId, ...DELETION });
    const { deletionId } = answer;
    expect(log.lines).toContainEqual(['deletion', expect.objectContaining({ deletionId }), 'Deletion']);
    expect(log.lines.filter(([line]) => String(line).includes('already registered'))).toEqual([]);
  });

  it('keeps its process: nobody else listens to its signals and its end', () => {
    expect(SIGNALS.map((signal) => process.listenerCount(signal))).toEqual(listeners);
  });

  it('has neither batches nor a sealed log where it did not ask for them', () => {
    expect(() => app.get(Silgi).batches).toThrow('set batches in its options');
    expect(() => app.get(Silgi).auditLog).toThrow('set sealing in its options');
  });

  it('closes Silgi’s pool when it is closed', async () => {
    const silgi = app.get(Silgi);
    await app.close();
    // The server ends a session when it has read that the client is gone.
    await until(async () => (await sessionsOfSilgi(database)) === 0);
    await expect(silgi.previewDeletion({ patientId: randomUUID() })).rejects.toThrow(DatabaseUnavailable);
  });
});
