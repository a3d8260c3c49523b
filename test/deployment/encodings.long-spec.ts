import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { developmentToken, type Role } from '../../src/auth/index.js';
import { integrityCommand } from '../../src/cli/integrity.command.js';
import { migrateCommand } from '../../src/cli/migrate.command.js';
import { readEnvironment } from '../../src/config/index.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { expectProblem, openApi, REQUEST } from '../admin/api.js';
import { runInProcess } from '../support/command.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { digestOf, seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { seedForAll, useWholeProduct } from './whole.product.js';

const TOKEN = { roles: ['system-admin'] satisfies Role[], expiresIn: '1h' };

/** Encodings of older Turkish systems: ISO 8859-9, and the one of Windows. */
describe.each(['LATIN5', 'WIN1254'])('a database encoded in %s', (encoding) => {
  it('works whole: deletions, a batch, certificates, and a log that is sealed and verified', async () => {
    const database = await createEmptyDatabase(`ENCODING '${encoding}' LOCALE 'C'`);
    const api = await openApi(database.url);
    try {
      const seeded = await seedForAll(database);
      const whole = await useWholeProduct(api, database, seeded);
      expect(whole).toEqual([seeded.alone, ...seeded.listed].toSorted());
    } finally {
      await api.close();
      await database.drop();
    }
  });

  it('seals who asked under a Turkish name, finds patients by it, and refuses a name that it cannot hold', async () => {
    const database = await createEmptyDatabase(`ENCODING '${encoding}' LOCALE 'C'`);
    const env = { DATA_DIR: await temporaryFolder() };
    const environment = readEnvironment(env);
    const api = await openApi(database.url, { env });
    try {
      const patientId = await seedPatient(database, 1);
      const found = await api.call('get', `/patients?search=${encodeURIComponent('ışıl')}`, 'system-admin');
      expect((found.body as { items: unknown[] }).items).toHaveLength(1);
      const none = await api.call('get', `/patients?search=${encodeURIComponent('漢字')}`, 'system-admin');
      expectProblem(none, 400, 'VALIDATION_FAILED');
      expect((none.body as { detail: string }).detail).toContain('encoding of the database');

      const before = await digestOf(database, patientId);
      const asked = async (subject: string) =>
        api
          .raw('post', `/api/v1/patients/${patientId}/deletions`)
          .set('Authorization', `Bearer ${await developmentToken(environment, { ...TOKEN, subject })}`)
          .send(REQUEST);
      const refused = await asked('漢字');
      expectProblem(refused, 400, 'VALIDATION_FAILED');
      expect((refused.body as { detail: string }).detail).toMatch(
        /encoding of the database does not have\. Everything was rolled back; nothing was changed\.$/,
      );
      expect(await digestOf(database, patientId)).toBe(before);
      expect(await asked('Şükrü Ağaoğlu')).toMatchObject({ status: 201, body: { state: 'DELETED' } });
      await until(async () => (await database.query('SELECT FROM audit.audit_log_leaf')).length > 0);
      const verification = await api.call('get', '/audit-log/verification', 'auditor').expect(200);
      expect(verification.body).toMatchObject({ valid: true });
      const [event] = await api.app
        .get(EntityManager)
        .query<{ actor: string }[]>(
          "SELECT actor FROM audit.sharded_audit_event WHERE action = 'SYSTEM_DELETE_PATIENT'",
        );
      expect(event?.actor).toBe('Şükrü Ağaoğlu');
    } finally {
      await api.close();
      await database.drop();
    }
  });
});

describe.each(['SQL_ASCII', 'LATIN1'])(
  'a database encoded in %s, which cannot hold every text',
  (encoding) => {
    const remedy = "CREATE DATABASE silgi TEMPLATE template0 ENCODING 'UTF8';";
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createEmptyDatabase(`ENCODING '${encoding}' LOCALE 'C'`);
      Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: await temporaryFolder() });
    });
    afterAll(async () => {
      for (const name of ['DATABASE_URL', 'DATA_DIR']) Reflect.deleteProperty(process.env, name);
      await database.drop();
    });

    const expectNothingMade = async () => {
      expect(
        await database.query(
          `SELECT nspname FROM pg_namespace WHERE nspname IN ('patient', 'clinical', 'finance', 'audit')
         UNION ALL SELECT relname FROM pg_class WHERE relname = 'silgi_migration'`,
        ),
      ).toEqual([]);
    };

    it.each([
      ['migrate', migrateCommand],
      ['integrity', integrityCommand],
    ])(
      'is refused by %s in one line that says what will do, and nothing is made in it',
      async (_, command) => {
        const { code, said } = await runInProcess(command());
        expect([code, said]).toEqual([1, expect.stringContaining(`encoded in ${encoding}, `)]);
        expect(said).toContain(remedy);
        expect(said.trim()).not.toContain('\n');
        await expectNothingMade();
      },
    );

    it('keeps a service from being ready, which says why in one line of its log', async () => {
      const api = await openApi(database.url, { open: false });
      const opening = api.app.get(DatabaseLifecycle).open(database.url);
      const lines = () =>
        api.log.filter(({ context }) => context === 'Database').map(({ msg }) => msg as string);
      try {
        await until(() => lines().length > 0);
        expect(lines()[0]).toContain(remedy);
        expect(lines()[0]).not.toContain('\n');
        const readiness = await api.call('get', '/health/ready');
        expect(readiness.status).toBe(503);
        expect(readiness.body).toMatchObject({ status: 'not-ready', code: 'SESSION_REFUSED' });
      } finally {
        await api.close();
      }
      expect(await opening).toBe(false);
      await expectNothingMade();
    });
  },
);
