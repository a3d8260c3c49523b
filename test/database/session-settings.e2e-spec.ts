import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { migrationOptions } from '../../src/postgres/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { setForDatabase } from '../support/plans.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

const OTHERWISE = {
  jit: 'on',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  enable_bitmapscan: 'off',
  default_transaction_isolation: 'serializable',
  quote_all_identifiers: 'on',
};
const AS_SAID = {
  jit: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
  default_transaction_isolation: 'read committed',
  quote_all_identifiers: 'off',
};

describe('what a session says at connect', () => {
  const login = `silgi_test_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  let silgi: Silgi;
  beforeAll(async () => {
    database = await createTestDatabase();
    await setForDatabase(database, OTHERWISE);
    await database.query(`CREATE ROLE ${login} SUPERUSER LOGIN PASSWORD 'only-for-this-test'`);
    for (const [name, value] of Object.entries(OTHERWISE))
      await database.query(`ALTER ROLE ${login} SET ${name} = '${value}'`);
    silgi = await openSilgi({
      database,
      url: () => {
        const url = new URL(database.url);
        url.username = login;
        url.password = 'only-for-this-test';
        url.searchParams.set('options', '-c geqo=off -c jit=on -c role=relevant_user');
        return url.href;
      },
    });
  });
  afterAll(async () => {
    await silgi.app.close();
    await database.query(`DROP ROLE ${login}`);
    await database.drop();
  });

  const settingOf = async (dataSource: DataSource, name: string) => {
    const [row] = await dataSource.query<{ value: string }[]>('SELECT current_setting($1) AS value', [name]);
    return row?.value;
  };
  const setting = (name: string) => settingOf(silgi.app.get(DataSource), name);

  it.each(Object.entries(AS_SAID))(
    '%s is %s, whatever the database, the login and the URL say',
    async (name, value) => {
      expect(await setting(name)).toBe(value);
    },
  );

  it('a session that migrates says the same', async () => {
    const migrating = await new DataSource(await migrationOptions(database.url)).initialize();
    for (const [name, value] of Object.entries(AS_SAID)) expect(await settingOf(migrating, name)).toBe(value);
    await migrating.destroy();
  });

  it('a scan finds no drift where the database quotes every name', async () => {
    const scan = new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard));
    expect((await scan.run()).drift).toEqual([]);
  });

  it('what the URL says of other settings holds', async () => {
    expect(await setting('geqo')).toBe('off');
  });

  it('the session works as silgi_service, whatever the URL says of its role', async () => {
    expect(await setting('role')).toBe('silgi_service');
  });
});
