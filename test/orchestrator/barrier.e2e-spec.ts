import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { DELETION_STEPS, type DeletionStep } from '../../src/orchestrator/index.js';
import { PipelinedConnection, runInPipeline, serviceOptions } from '../../src/postgres/index.js';
import { stepOf } from '../../src/protocol/index.js';
import { runInStages, type StepCall } from '../../src/protocol/step.stages.js';
import type { ShardName } from '../../src/shards/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';

const LIMITS = { isolation: 'READ COMMITTED', limits: 'SELECT 1' } as const;
const DELETION = { home: 'patient', steps: DELETION_STEPS } as const;
const VOTES = [
  'vote patient',
  'vote clinical',
  'vote finance',
  'vote audit',
  'vote catalogue',
] as const satisfies DeletionStep[];

describe('the barrier before the votes', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  /** Shards on two connections, as on two servers. */
  let home: PipelinedConnection;
  let remote: PipelinedConnection;
  let hospital: pg.Client;
  let patientId: string;
  /** Messages to the server, by connection. */
  let sent: PipelinedConnection[];

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = new DataSource(serviceOptions(database.url, { warn: () => undefined }));
    await dataSource.initialize();
    hospital = new pg.Client({ connectionString: database.url, application_name: 'hospital' });
    await hospital.connect();
    patientId = await seedPatient(database, 1);
  });
  afterAll(async () => {
    await hospital.end();
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    home = await PipelinedConnection.take(dataSource);
    remote = await PipelinedConnection.take(dataSource);
    for (const connection of [home, remote]) await connection.begin(LIMITS);
    sent = [];
    const { query } = pg.Client.prototype as unknown as { query: (...given: unknown[]) => unknown };
    jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const asked = [home, remote].find(
        (connection) => (connection as unknown as { client: unknown }).client === this,
      );
      if (asked !== undefined) sent.push(asked);
      return query.apply(this, given);
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const connection of [home, remote]) {
      await connection.end('ROLLBACK');
      await connection.release({ isBroken: false });
    }
  });

  const onTwo = ({ shard }: { shard: ShardName }) => (['patient', 'audit'].includes(shard) ? home : remote);
  const onOne = () => home;

  /** Lock and votes, each a statement of its own on its shard's connection. */
  const calls = (serverOf: (step: { shard: ShardName }) => PipelinedConnection): StepCall[] =>
    (['lock', ...VOTES] as const).map((name) => {
      const step = stepOf(DELETION, name);
      const text =
        name === 'lock'
          ? 'SELECT patient_id FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE'
          : `SELECT $1::text`;
      const values = [name === 'lock' ? patientId : name];
      const run = () => runInPipeline(serverOf(step).manager, [{ text, values }]);
      return { step, run, isSeparate: false };
    });

  const isWaiting = async () => {
    const waiting = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length === 1;
  };

  it('keeps the votes of another server unasked until the lock has answered', async () => {
    await hospital.query('BEGIN');
    await hospital.query(
      'SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE',
      [patientId],
    );
    const answers = runInStages(calls(onTwo), onTwo, new Set());
    await until(isWaiting);
    expect(sent).toEqual([home]);
    await hospital.query('COMMIT');
    expect(await answers).toEqual([[[[patientId]]], ...VOTES.map((name) => [[[name]]])]);
    expect(sent).toEqual([home, remote]);
  });

  it('costs nothing on one server: lock and votes share a message, and the lock stands first in it', async () => {
    const answers = await runInStages(calls(onOne), onOne, new Set());
    expect(answers).toEqual([[[[patientId]]], ...VOTES.map((name) => [[[name]]])]);
    expect(sent).toEqual([home]);
  });

  it('asks no vote of another server where the lock has failed', async () => {
    const [lock, ...votes] = calls(onTwo) as [StepCall, ...StepCall[]];
    const failing = {
      ...lock,
      run: () => runInPipeline(home.manager, [{ text: 'SELECT 1 / $1::int', values: ['0'] }]),
    };
    await expect(runInStages([failing, ...votes], onTwo, new Set())).rejects.toMatchObject({ code: '22012' });
    expect(sent).toEqual([home]);
  });

  it('refuses votes whose lock nobody asks', async () => {
    const [, ...votes] = calls(onTwo);
    await expect(runInStages(votes, onTwo, new Set())).rejects.toThrow('"vote patient" waits for a step');
    expect(sent).toEqual([]);
  });
});
