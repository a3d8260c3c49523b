/**
 * `npm run bench:guard`: what the catalogue guard costs of a deletion over HTTP. Two services on one database of its
 * own, one with the guard and one without (the rescan looks for live rows in both), delete alternately; the medians
 * of both and of their differences are printed.
 */
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import pino from 'pino';
import type { EntityManager } from 'typeorm';
import { configureHttp } from '../../src/admin/index.js';
import { ServiceModule } from '../../src/service/service.module.js';
import { openAuditLog } from '../../src/transparency-log/index.js';
import { developmentToken, TokenVerifier } from '../../src/auth/index.js';
import { patientOwnedTables } from '../../src/shards/index.js';
import { runInPipeline } from '../../src/postgres/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { CatalogueGuard } from '../../src/catalogue/index.js';
import { Population } from './population.js';

const ROWS_PER_TABLE = 50;
const ROUNDS = 600;
const WARM_UP = 30;
/** Patients are made for so many rounds at a time, in tables that are emptied before. */
const ROUNDS_AT_A_TIME = 90;
const BACKGROUND_ROWS = 5_000;

/** Looks for live rows as the guard's rescan does, in the tables that the code declares, whatever the catalogue holds. */
const unguarded = {
  vote: () => Promise.resolve([]),
  rescan: async (manager: EntityManager, patientId: string) => {
    const probes = patientOwnedTables().map(
      ({ shard, table }) =>
        `SELECT '${table}' WHERE EXISTS (SELECT FROM ${shard}.${table} WHERE patient_id = $1 AND NOT is_deleted)`,
    );
    const [remaining = []] = await runInPipeline(manager, [
      { text: probes.join(' UNION ALL '), values: [patientId] },
    ]);
    if (remaining.length > 0) throw new Error('Live rows remain.');
  },
};

Logger.overrideLogger(['error']);
const dataDir = await mkdtemp(join(tmpdir(), 'silgi-bench-'));
const server = await EmbeddedServer.start({ dataDir });
try {
  const environment = readEnvironment({ DATA_DIR: dataDir });
  const verifier = await TokenVerifier.of(environment);
  const auditLog = await openAuditLog(environment.auditLog);
  const token = await developmentToken(environment, {
    subject: 'bench',
    roles: ['system-admin'],
    expiresIn: '1h',
  });
  const open = async (guard?: object) => {
    const service = ServiceModule.over(server.url, verifier, auditLog);
    const builder = Test.createTestingModule({ imports: [service] });
    if (guard !== undefined) builder.overrideProvider(CatalogueGuard).useValue(guard);
    const module = await builder.compile();
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
    configureHttp(app, environment, pino({ enabled: false }));
    await app.listen(0, '127.0.0.1');
    await app.get(DatabaseLifecycle).open(server.url);
    return app;
  };
  const apps = [await open(), await open(unguarded)];
  const urls = await Promise.all(apps.map((app) => app.getUrl()));
  const remove = async (url: string | undefined, patientId: string) => {
    const answer = await fetch(`${url ?? ''}/api/v1/patients/${patientId}/deletions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' }),
    });
    const body = await answer.text();
    if (answer.status !== 201) throw new Error(`${answer.status}: ${body}`);
  };
  const times: [number[], number[]] = [[], []];
  const population = await Population.in(server.url);
  let ready: string[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    if (ready.length === 0) {
      await population.reset(BACKGROUND_ROWS);
      ready = [...(await population.add(2 * ROUNDS_AT_A_TIME, ROWS_PER_TABLE)).ids];
      await population.vacuum();
    }
    // Each goes first every other time.
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const patientId = ready.pop() ?? '';
      const started = performance.now();
      await remove(urls[which], patientId);
      if (round >= WARM_UP) times[which].push(performance.now() - started);
    }
  }
  await population.close();
  for (const app of apps) await app.close();
  const median = (values: number[]) =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  const [guarded, bare] = times;
  const cost = median(guarded.map((time, round) => time - (bare[round] ?? NaN)));
  console.log(
    `${ROUNDS} deletions each over HTTP, alternating, ${ROWS_PER_TABLE} rows in each of 14 child tables`,
  );
  console.log(`with the catalogue guard     ${median(guarded).toFixed(2)} ms (median)`);
  console.log(`with the bare rescan alone   ${median(bare).toFixed(2)} ms (median)`);
  console.log(`the guard costs              ${cost.toFixed(2)} ms (median of the pairs' differences)`);
  console.log(`of a deletion                ${((cost / median(bare)) * 100).toFixed(1)} %`);
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
