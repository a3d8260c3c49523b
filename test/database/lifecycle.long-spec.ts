import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { WireProxy } from '../support/wire.proxy.js';

describe('opening the database', () => {
  let database: TestDatabase;
  let proxy: WireProxy;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await WireProxy.before(database.url);
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });

  it('is tried again where the server takes the connection and then says nothing', async () => {
    proxy.cutAt('SELECT version()', 'stall');
    const app = await Test.createTestingModule({ imports: [AppModule.forDatabase(proxy.url)] }).compile();
    await app.init();
    await expect(app.get(DatabaseLifecycle).open(database.url)).resolves.toBe(true);
    expect(proxy.fired).toBe(1);
    expect(await app.get(DatabaseLifecycle).readiness()).toEqual({
      database: 'up',
      migrations: 'applied',
      pending: [],
    });
    await app.close();
  });
});
