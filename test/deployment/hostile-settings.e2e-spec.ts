import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApi } from '../admin/api.js';
import { DataSource } from 'typeorm';
import { integrityCommand } from '../../src/cli/integrity.command.js';
import { migrate } from '../../src/postgres/index.js';
import { SessionRefused } from '../../src/common/index.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, onServer, serverUrl, type TestDatabase } from '../support/database.js';
import { openSilgi } from '../support/silgi.js';
import { seedForAll, useWholeProduct } from './whole.product.js';

/**
 * Each of them makes some answer false where a session does not say otherwise. Replica mode is not among them: the
 * guard refuses every deletion of a database or role that has it (RELIABILITY rule 33).
 */
const HOSTILE = {
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  client_encoding: 'LATIN5',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  search_path: 'hospital',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  exit_on_error: 'on',
  synchronous_commit: 'off',
};
const SECRET = 'only-for-this-test';

/** Sets and takes back settings of a database or login on a session of another database, which they do not reach. */
function alter(of: string, name: string, value?: string): Promise<unknown> {
  const how = value === undefined ? `RESET ${name}` : `SET ${name} = '${value}'`;
  return onServer(serverUrl(), `ALTER ${of} ${how}`);
}

describe('a database or login that says otherwise', () => {
  const login = `silgi_test_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await onServer(serverUrl(), `CREATE ROLE ${login} SUPERUSER LOGIN PASSWORD '${SECRET}'`);
  });
  afterAll(async () => {
    await database.drop();
    await onServer(serverUrl(), `DROP ROLE ${login}`);
  });

  const urlOf = (user: string, { url: of } = database) => {
    const url = new URL(of);
    url.username = user;
    url.password = SECRET;
    return url.href;
  };
  const levels = {
    database: (name: string) => `DATABASE ${name}`,
    login: () => `ROLE ${login}`,
    'login in this database': (name: string) => `ROLE ${login} IN DATABASE ${name}`,
  };

  it.each(Object.entries(levels))(
    'of every setting at the level of the %s changes no answer of the product',
    async (_, of) => {
      // Of its own: a log is signed with one key.
      const own = await createTestDatabase();
      const seeded = await seedForAll(own);
      for (const [name, value] of Object.entries(HOSTILE)) await alter(of(own.name), name, value);
      try {
        const api = await openApi(urlOf(login, own));
        try {
          const whole = await useWholeProduct(api, own, seeded);
          expect(whole).toEqual([seeded.alone, ...seeded.listed].toSorted());
        } finally {
          await api.close();
        }
        process.env['DATABASE_URL'] = urlOf(login, own);
        const { code, said } = await runInProcess(integrityCommand());
        expect([code, said]).toEqual([0, expect.stringContaining('Healthy.')]);
      } finally {
        delete process.env['DATABASE_URL'];
        await onServer(serverUrl(), `ALTER ${of(own.name)} RESET ALL`);
        await own.drop();
      }
    },
  );

  it.each([
    ['database', 'DATABASE NAME'],
    ['login', 'ROLE PLAIN'],
    ['login in this database', 'ROLE PLAIN IN DATABASE NAME'],
  ])(
    'is refused with the statement that mends it where an ordinary login cannot: replica at the %s',
    async (_, given) => {
      const plain = `${login}_plain`;
      const of = given.replace('NAME', database.name).replace('PLAIN', plain);
      // It writes nowhere: the guard of any other database of this server would rightly name it.
      await onServer(serverUrl(), `CREATE ROLE ${plain} LOGIN PASSWORD '${SECRET}'`);
      await alter(of, 'session_replication_role', 'replica');
      try {
        const refused = migrate(urlOf(plain));
        await expect(refused).rejects.toThrow(SessionRefused);
        await expect(refused).rejects.toThrow(
          `session_replication_role is replica in this session and must be origin: with it, what the database ` +
            `answers would not be true. A superuser takes it back with: ALTER ${of} RESET session_replication_role;`,
        );
        process.env['DATABASE_URL'] = urlOf(plain);
        const { code, said } = await runInProcess(integrityCommand());
        expect([code, said]).toEqual([1, expect.stringContaining('session_replication_role is replica')]);
        expect(said.trim()).not.toContain('\n');
      } finally {
        delete process.env['DATABASE_URL'];
        await alter(of, 'session_replication_role');
        await onServer(serverUrl(), `DROP ROLE ${plain}`);
      }
    },
  );

  it('of the role itself is overruled: a command works as its login, and not as what hides rows', async () => {
    await alter(`DATABASE ${database.name}`, 'role', 'relevant_user');
    const silgi = await openSilgi({ database, asOwner: true });
    try {
      const rows: unknown = await silgi.app
        .get(DataSource)
        .query('SELECT current_user = session_user AS own');
      expect(rows).toEqual([{ own: true }]);
    } finally {
      await silgi.app.close();
      await alter(`DATABASE ${database.name}`, 'role');
    }
  });
});
