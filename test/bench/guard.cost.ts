/**
 * `npm run bench:guard`: what the catalogue guard costs of a deletion. Two services on one database of its own, one
 * with the guard and one without (the rescan looks for live rows in both), delete alternately; medians of both and their difference are printed.
 */
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { EntityManager } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { patientOwnedTables } from '../../src/common/index.js';
import { DatabaseLifecycle, EmbeddedServer, SERVICE_ROLE } from '../../src/database/index.js';
import { CatalogueGuard, PatientOrchestrator } from '../../src/orchestrator/index.js';
import { onServer } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf } from '../support/silgi.js';

const ROWS_PER_TABLE = 50;
const ROUNDS = 300;
const WARM_UP = 30;

/** Looks for live rows as the guard's rescan does, in the tables that the code declares, whatever the catalogue holds. */
const unguarded = {
  vote: () => Promise.resolve([]),
  rescan: async (manager: EntityManager, patientId: string) => {
    const probes = patientOwnedTables().map(
      ({ shard, table }) =>
        `SELECT '${table}' WHERE EXISTS (SELECT FROM ${shard}.${table} WHERE patient_id = $1 AND NOT is_deleted)`,
    );
    const remaining = await manager.query<unknown[]>(probes.join(' UNION ALL '), [patientId]);
    if (remaining.length > 0) throw new Error('Live rows remain.');
  },
};

Logger.overrideLogger(['error']);
const dataDir = await mkdtemp(join(tmpdir(), 'silgi-bench-'));
const server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
try {
  const open = async (guard?: object) => {
    const builder = Test.createTestingModule({ imports: [AppModule.forDatabase(server.url, SERVICE_ROLE)] });
    if (guard !== undefined) builder.overrideProvider(CatalogueGuard).useValue(guard);
    const app = await builder.compile();
    await app.init();
    await app.get(DatabaseLifecycle).open(server.url);
    return app;
  };
  const apps = [await open(), await open(unguarded)];
  const times: [number[], number[]] = [[], []];
  const database = { query: (sql: string, params?: unknown[]) => onServer(server.url, sql, params) };
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    for (const [which, app] of apps.entries()) {
      const patientId = await seedPatient(database as never, ROWS_PER_TABLE);
      const started = performance.now();
      await app.get(PatientOrchestrator).deletePatient(deletionOf(patientId));
      if (round >= WARM_UP) times[which as 0 | 1].push(performance.now() - started);
    }
  }
  for (const app of apps) await app.close();
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  const [guarded, bare] = times.map(median) as [number, number];
  console.log(`${ROUNDS} deletions each, alternating, ${ROWS_PER_TABLE} rows in each of 14 child tables`);
  console.log(`with the catalogue guard     ${guarded.toFixed(2)} ms (median)`);
  console.log(`with the bare rescan alone   ${bare.toFixed(2)} ms (median)`);
  console.log(`the guard costs              ${((guarded / bare - 1) * 100).toFixed(1)} % of a deletion`);
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
