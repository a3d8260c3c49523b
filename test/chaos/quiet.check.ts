import { until } from '../support/processes.js';
import { ApiCalls } from './api.calls.js';
import type { Arena } from './arena.js';
import type { Hospital } from './hospital.js';
import type { ServiceProcess } from './service.process.js';

/** Connections of a service's pool, as it is unless told otherwise. */
const POOL_SIZE = 10;
/** Deletions that a service runs at a time. */
const PLACES = 5;
const QUIET_LIMIT_MS = 90_000;
/** Less than a deletion waits for a lock. */
const ALL_WAITING_MS = 1_800;
const PROBES = 6;

interface Session {
  readonly pid: number;
  readonly name: string;
  readonly state: string | null;
  readonly busy: boolean;
  readonly query: string;
}

const SESSIONS = `
  SELECT pid, application_name AS name, state, query,
    xact_start IS NOT NULL OR state IS DISTINCT FROM 'idle'
      OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid) AS busy
  FROM pg_stat_activity a
  WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND application_name <> 'chaos control'`;

/** Looks for what a run has left where nothing may be left (N8), and writes it into the history. */
export class QuietCheck {
  constructor(private readonly arena: Arena) {}

  /**
   * After the last fault and the last request: no transaction and no lock is left, and every client of every
   * pool can be had. A frozen or cut-off transaction is ended by the server's own limits, which is waited for.
   */
  async whileServing(): Promise<void> {
    const { hospital, services } = this.arena;
    await this.expectNone('quiet', async () => [
      ...(await sessions(hospital)).filter(({ busy }) => busy).map(describe),
      ...(await prepared(hospital)),
    ]);
    for (const service of services) await this.expectWholePool(service);
  }

  /** Stops the services in order; after that not one session is left. */
  async afterStop(): Promise<void> {
    const { hospital, services, history } = this.arena;
    for (const service of services) {
      const trouble = await service.stop();
      if (trouble !== undefined) history.append({ kind: 'leftover', when: 'stopped', what: trouble });
      for (const what of await service.lastWords()) {
        history.append({ kind: 'died', what: `service ${service.number}: ${what}` });
      }
    }
    await this.expectNone('stopped', async () => [
      ...(await sessions(hospital)).map(describe),
      ...(await prepared(hospital)),
    ]);
  }

  private async expectNone(when: 'quiet' | 'stopped', find: () => Promise<string[]>): Promise<void> {
    let left: string[] = [];
    const none = async () => (left = await find()).length === 0;
    await until(none, QUIET_LIMIT_MS).catch(() => undefined);
    for (const what of left) this.arena.history.append({ kind: 'leftover', when, what });
  }

  /**
   * Lets as many deletions wait for one lock as there are places for, and as many reads besides as the pool has clients
   * left: with a place or a client lost, one would be missing.
   */
  private async expectWholePool(service: ServiceProcess): Promise<void> {
    let most = 0;
    for (let probe = 0; probe < PROBES && most < POOL_SIZE; probe++) {
      most = Math.max(most, await this.mostWaiting(service, probe));
    }
    if (most === POOL_SIZE) return;
    const what = `of ${POOL_SIZE} clients in the pool of service ${service.number} only ${most} can be had`;
    this.arena.history.append({ kind: 'leftover', when: 'quiet', what });
  }

  private async mostWaiting(service: ServiceProcess, probe: number): Promise<number> {
    const { hospital, waves } = this.arena;
    const calls = new ApiCalls(this.arena, `probe-${service.number}-${probe}`);
    const patient = await waves.patient(waves.frontier + 1);
    const body = { reason: 'DUPLICATE_RECORD', legalBasis: 'OTHER_LAW' };
    const holder = await hospital.control.connect();
    let most = 0;
    try {
      await holder.query('BEGIN');
      // Reads wait for this one too.
      await holder.query('LOCK TABLE patient.sharded_patient_demographics IN ACCESS EXCLUSIVE MODE');
      const asked = [
        ...Array.from({ length: PLACES }, () => calls.delete(service, patient, body)),
        ...Array.from({ length: POOL_SIZE - PLACES }, () => calls.read(service, patient)),
      ];
      const allWait = async () => (most = Math.max(most, await waiting(hospital))) === POOL_SIZE;
      await until(allWait, ALL_WAITING_MS).catch(() => undefined);
      await holder.query('ROLLBACK');
      await Promise.all(asked);
    } finally {
      holder.release();
    }
    return most;
  }
}

async function waiting(hospital: Hospital): Promise<number> {
  const { rows } = await hospital.control.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'silgi' AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

async function sessions(hospital: Hospital): Promise<Session[]> {
  return (await hospital.control.query<Session>(SESSIONS)).rows;
}

async function prepared(hospital: Hospital): Promise<string[]> {
  const { rows } = await hospital.control.query<{ gid: string }>('SELECT gid FROM pg_prepared_xacts');
  return rows.map(({ gid }) => `prepared transaction ${gid}`);
}

function describe({ pid, name, state, query }: Session): string {
  return `session ${pid} (${name}, ${state ?? 'no state'}): ${query.replace(/\s+/g, ' ').trim().slice(0, 80)}`;
}
