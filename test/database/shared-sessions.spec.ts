import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionRefused } from '../../src/common/index.js';
import { DatabaseLifecycle, serviceOptions } from '../../src/postgres/index.js';
import { until } from '../support/processes.js';
import { shareOneSession } from './shared.sessions.js';

describe('sessions that a pooler shares between its clients', () => {
  let pooler: Awaited<ReturnType<typeof shareOneSession>>;
  let dataSource: DataSource;
  let lifecycle: DatabaseLifecycle;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    pooler = await shareOneSession();
    dataSource = new DataSource(serviceOptions(pooler.url, { warn: () => undefined }));
    lifecycle = new DatabaseLifecycle(dataSource, undefined);
  });
  afterAll(() => {
    pooler.stop();
  });

  it('are refused by a service whose migrations go past the pooler', async () => {
    const opening = lifecycle.open(undefined);
    await until(async () => (await lifecycle.readiness()).obstacle !== 'DATABASE_NOT_OPENED');
    expect((await lifecycle.readiness()).obstacle).toBe('SESSION_REFUSED');
    lifecycle.beforeApplicationShutdown();
    expect(await opening).toBe(false);
  });

  it('are refused by a command that opens the database as it is', async () => {
    await expect(lifecycle.openAsItIs()).rejects.toThrow(SessionRefused);
    expect(dataSource.isInitialized).toBe(false);
  });
});
