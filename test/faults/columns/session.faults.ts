import { expect } from '@jest/globals';
import type pg from 'pg';
import type { DeletePatientCommand } from '../../../src/orchestrator/index.js';
import { until } from '../../support/processes.js';
import type { Fault, Scene } from '../fault.js';
import type { CellStep } from '../matrix.js';
import { Stage } from '../stage.js';
import { failureAt } from '../verdict.js';

const PATIENT_ROW = 'SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE';

/** What another session does first, so that the statement of the step has to wait for it. */
const HOLDS: Partial<Record<CellStep, string>> = {
  claim: 'LOCK TABLE patient.sharded_patient_deletion IN ACCESS EXCLUSIVE MODE',
  lock: PATIENT_ROW,
  'vote patient': 'LOCK TABLE patient.sharded_legal_hold IN ACCESS EXCLUSIVE MODE',
  'vote clinical': 'LOCK TABLE clinical.sharded_muayene IN ACCESS EXCLUSIVE MODE',
  'vote finance': 'LOCK TABLE finance.sharded_fatura IN ACCESS EXCLUSIVE MODE',
  'vote catalogue': 'LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE',
  'mark clinical': 'SELECT FROM clinical.sharded_recete WHERE patient_id = $1 FOR UPDATE',
  'mark finance': 'SELECT FROM finance.sharded_sigorta WHERE patient_id = $1 FOR UPDATE',
  'mark patient': 'LOCK TABLE patient.sharded_patient_demographics IN SHARE MODE',
  'read requests': 'LOCK TABLE patient.sharded_erasure_request IN ACCESS EXCLUSIVE MODE',
  hold: 'LOCK TABLE patient.sharded_legal_hold IN SHARE MODE',
  request: 'LOCK TABLE patient.sharded_erasure_request IN SHARE MODE',
  audit: 'LOCK TABLE audit.sharded_audit_event IN ACCESS EXCLUSIVE MODE',
};

const open = () => Stage.open();

/** Runs a statement for the scene's patient where it asks for one. */
function run(session: pg.Client, sql: string, patientId: string): Promise<unknown> {
  return session.query(sql, sql.includes('$1') ? [patientId] : []);
}

async function hold(session: pg.Client, { step, patientId }: Scene): Promise<void> {
  await session.query('BEGIN');
  await run(session, HOLDS[step] ?? '', patientId);
}

/** Returns once this session is seen waiting for a lock. */
export async function waitsForLock(stage: Stage, session: pg.Client): Promise<void> {
  const { processID } = session as unknown as { processID: number };
  await until(async () => {
    const [row] = await stage.database.query<{ waiting: boolean }>(
      `SELECT wait_event_type = 'Lock' AS waiting FROM pg_stat_activity WHERE pid = $1`,
      [processID],
    );
    return row?.waiting === true;
  });
}

/** Another session holds, for longer than the action waits, what the step needs. */
const lockTimeout: Fault = {
  code: 'LCK',
  title: 'another session holds what the step needs for longer than 2 s',
  keyless: true,
  slow: () => true,
  open,
  async set(scene) {
    const blocker = await scene.stage.session();
    let started = 0;
    let waited = 0;
    scene.strike(async () => {
      await hold(blocker, scene);
      started = performance.now();
      // The failed attempt is recorded after its rollback: by then the blocker must be gone.
      scene.stage.silgi.faults.onEnd = () => {
        waited = performance.now() - started;
        void blocker.end();
      };
    });
    return {
      error: failureAt(scene.step, 'SHARD_UNAVAILABLE'),
      sqlstate: '55P03',
      strikes: () => (waited > 1_900 ? 1 : 0),
    };
  },
};

/** Another session holds what the step needs and waits for what the action holds: the action is the victim. */
const deadlock: Fault = {
  code: 'DDK',
  title: 'a real deadlock with another session',
  async open() {
    const stage = await Stage.open();
    await stage.database.query(`ALTER DATABASE ${stage.database.name} SET deadlock_timeout = '50ms'`);
    await stage.endIdleSessions();
    return stage;
  },
  async set(scene) {
    const { stage, step, patientId, action } = scene;
    const rival = await stage.session();
    await rival.query(`SET deadlock_timeout = '60s'`);
    // Of the actions that are played here a deletion alone holds something at its lock: its key.
    const wants = () =>
      step === 'lock'
        ? rival.query(
            `INSERT INTO patient.sharded_patient_deletion (patient_id, deletion_id, state, reason, legal_basis,
               requested_by, requested_at, request_id, idempotency_key)
             VALUES ($1, gen_random_uuid(), 'CLAIMED', 'r', 'l', 'rival', now(), 'r', $2)`,
            [patientId, (scene.command as DeletePatientCommand).idempotencyKey],
          )
        : run(rival, PATIENT_ROW, patientId);
    let granted: Promise<unknown> = Promise.resolve();
    scene.strike(async () => {
      await hold(rival, scene);
      granted = wants().then(() => rival.query('ROLLBACK'));
      await waitsForLock(stage, rival);
    });
    return {
      async lift() {
        await granted;
        await rival.end();
      },
      committed(heard) {
        const { failed, ids } = stage.silgi.faults;
        expect(failed).toEqual([
          { step, error: expect.objectContaining({ code: 'SHARD_UNAVAILABLE', retryable: true }) },
        ]);
        expect(heard).toMatchObject({ replayed: false, answer: { [action.key]: [...ids].join() } });
        return heard;
      },
    };
  },
};

/** The server ends the session just before the step. */
const terminated: Fault = {
  code: 'TRM',
  title: 'the backend is terminated just before the step',
  keyless: true,
  open,
  shows: ({ step }) => noticedByTheNextMessage(step),
  set(scene) {
    const { database } = scene.stage;
    let ended = 0;
    scene.strike(async (backendPid) => {
      const sessions = await database.query(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'silgi' AND $1 IN (0, pid)`,
        [backendPid],
      );
      ended += sessions.length;
    });
    return {
      error: failureAt(noticedByTheNextMessage(scene.step) ?? scene.step, 'SHARD_UNAVAILABLE'),
      strikes: () => ended,
      ...(scene.step === 'commit' && { resolvesTo: 'N' as const }),
    };
  },
};

/** A step that sends no message cannot notice that nobody is there: the next one does. */
export function noticedByTheNextMessage(step: CellStep): CellStep | undefined {
  return step === 'compare counts' ? 'commit' : undefined;
}

/** Faults of sessions: locks, deadlocks, backends. */
export const sessionFaults: readonly Fault[] = [lockTimeout, deadlock, terminated];
