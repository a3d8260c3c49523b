import { Test } from '@nestjs/testing';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { DatabaseLifecycle, SERVICE_ROLE } from '../../src/postgres/index.js';
import { RunObservers } from '../../src/protocol/index.js';
import { DeletionLogModule, MetricsRegistry, TracingModule } from '../../src/telemetry/index.js';
import { Collector } from '../observability/collector.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf } from '../support/silgi.js';
import { type ClientMessage, WireProxy } from '../support/wire.proxy.js';

/** More than any sampling would leave out. */
const DELETIONS = 25;

describe('whoever watches', () => {
  let database: TestDatabase;
  let proxy: WireProxy;
  let collector: Collector;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await WireProxy.before(database.url);
    collector = await Collector.start();
  });
  afterAll(async () => {
    await proxy.close();
    await collector.close();
    await database.drop();
  });

  /** The application with metrics, log lines and traces, or with nobody who watches. */
  async function open(isWatched: boolean): Promise<INestApplicationContext> {
    const product = AppModule.forDatabase(proxy.url, SERVICE_ROLE);
    const watching = isWatched ? [DeletionLogModule, TracingModule.to(collector.url, proxy.url)] : [];
    const builder = Test.createTestingModule({ imports: [product, ...watching] });
    if (!isWatched) builder.overrideProvider(RunObservers).useValue(new RunObservers([]));
    const app = await builder.compile();
    Logger.overrideLogger(false);
    await app.init();
    await app.get(DatabaseLifecycle).open(database.url);
    return app;
  }

  /** The types of the messages of each deletion, and the texts that it prepares or runs as they are. */
  async function sentBy(app: INestApplicationContext): Promise<string[]> {
    const orchestrator = app.get(PatientOrchestrator);
    // The first of a process reads the catalogue in full, and prepares its statements.
    await orchestrator.deletePatient(deletionOf(await seedPatient(database, 1)));
    const sent: string[] = [];
    for (let done = 0; done < DELETIONS; done++) {
      const command = deletionOf(await seedPatient(database, 1));
      // A session that has not answered for a second is asked with one message more whether it is there.
      await app.get(DataSource).query('SELECT 1');
      const collected: ClientMessage[] = (proxy.collected = []);
      await orchestrator.deletePatient(command);
      sent.push(
        collected.map(({ type, body }) => ('QP'.includes(type) ? type + body.toString() : type)).join(''),
      );
    }
    proxy.collected = undefined;
    return sent;
  }

  it('with metrics, logs and traces, or with none: every deletion sends the same messages', async () => {
    const unwatched = await open(false);
    const without = await sentBy(unwatched);
    await unwatched.close();

    const watched = await open(true);
    const withAll = await sentBy(watched);
    const metrics = await watched.get(MetricsRegistry, { strict: false }).metrics();
    await watched.close();

    // They did watch.
    expect(metrics).toMatch(
      new RegExp(`^silgi_deletions_total\\{outcome="DELETED"\\} ${DELETIONS + 1}$`, 'm'),
    );
    expect(collector.spans.filter(({ name }) => name === 'deletion')).toHaveLength(DELETIONS + 1);

    expect(new Set(without).size).toBe(1);
    expect(new Set(withAll).size).toBe(1);
    expect(withAll[0]).toBe(without[0]);
    // PREPARE and EXECUTE end in a Sync each, COMMIT is a query of its own.
    expect(without[0]?.match(/S/g)).toHaveLength(2);
    expect(without[0]).toMatch(/QCOMMIT\0$/);
  });
});
