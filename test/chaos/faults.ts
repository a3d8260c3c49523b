import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/processes.js';
import type { Arena } from './arena.js';
import { BrokenForGood, type FaultSource } from './fault.schedule.js';
import type { Stream } from './stream.js';

/** Where on the wire a connection is cut: at a COMMIT, or at whatever message comes next. */
const MESSAGES = { COMMIT: 60, 'any message': 40 } as const;
const CUTS = { before: 40, after: 54, stall: 6 } as const;
const NEVER_SENT = '\u0001';
const CUT_LIMIT_MS = 1_500;

/** Backends of the service in the middle of something, one of them chosen by a number from 0 to 1. */
const BUSY_BACKEND = `
  SELECT pid, query FROM (
    SELECT pid, query, row_number() OVER (ORDER BY pid) AS number, count(*) OVER () AS all_of_them
    FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'silgi' AND state <> 'idle'
  ) busy WHERE number = 1 + floor($1::float8 * all_of_them)`;

/** Every kind of fault of a run, and what is needed to cause it. */
export class Faults {
  private readonly frozen = new Set<number>();

  constructor(private readonly arena: Arena) {}

  get sources(): readonly FaultSource[] {
    return [
      { name: 'terminate-backend', everyMs: 300, strike: (s) => this.onBackend('pg_terminate_backend', s) },
      { name: 'cancel-statement', everyMs: 900, strike: (s) => this.onBackend('pg_cancel_backend', s) },
      { name: 'cut-connection', everyMs: 600, strike: (s) => this.cut(s) },
      { name: 'freeze-backend', everyMs: 2_500, strike: (s) => this.freezeBackend(s) },
      { name: 'hold-locks', everyMs: 2_000, strike: (s) => this.holdLocks(s) },
      { name: 'freeze-service', everyMs: 7_000, strike: (s) => this.freezeService(s) },
      { name: 'refuse-connections', everyMs: 9_000, strike: (s) => this.partition(s) },
      { name: 'kill-service', everyMs: 13_000, strike: (s) => this.killService(s) },
      { name: 'crash-server', everyMs: 25_000, strike: (s) => this.crashServer(s) },
      { name: 'kill-server', everyMs: 22_000, strike: () => this.killServer() },
    ];
  }

  /** Lets everything run on that stands still, and takes back what has not struck yet. */
  calm(): void {
    for (const pid of this.frozen) send(pid, 'SIGCONT');
    for (const service of this.arena.services) service.signal('SIGCONT');
    for (const proxy of this.arena.proxies) {
      proxy.refuse(false);
      proxy.cutAt(NEVER_SENT, 'before');
    }
  }

  private async onBackend(does: 'pg_terminate_backend' | 'pg_cancel_backend', stream: Stream) {
    const { rows } = await this.arena.hospital.control.query<{ pid: number; query: string; fired: boolean }>(
      `SELECT pid, query, ${does}(pid) AS fired FROM (${BUSY_BACKEND}) backend`,
      [stream.next()],
    );
    const [hit] = rows;
    return hit?.fired === true ? `backend ${hit.pid} at ${brief(hit.query)}` : undefined;
  }

  private async busyBackend(stream: Stream): Promise<{ pid: number; query: string } | undefined> {
    const { control } = this.arena.hospital;
    const { rows } = await control.query<{ pid: number; query: string }>(BUSY_BACKEND, [stream.next()]);
    return rows[0];
  }

  private async freezeBackend(stream: Stream): Promise<string | undefined> {
    const milliseconds = stream.between(50, 2_600);
    const backend = await this.busyBackend(stream);
    if (backend === undefined || !send(backend.pid, 'SIGSTOP')) return undefined;
    this.frozen.add(backend.pid);
    await pause(milliseconds);
    this.frozen.delete(backend.pid);
    send(backend.pid, 'SIGCONT');
    return `backend ${backend.pid} for ${milliseconds} ms at ${brief(backend.query)}`;
  }

  private async freezeService(stream: Stream): Promise<string | undefined> {
    const service = stream.pick(this.arena.services);
    const milliseconds = stream.between(100, 2_600);
    if (!service.signal('SIGSTOP')) return undefined;
    await pause(milliseconds);
    service.signal('SIGCONT');
    return `service ${service.number} for ${milliseconds} ms`;
  }

  private async killService(stream: Stream): Promise<string | undefined> {
    const service = stream.pick(this.arena.services);
    const killed = await service.killAndRestart().catch((cause: unknown) => {
      throw new BrokenForGood('A service did not come back after it was killed.', { cause });
    });
    return killed ? `service ${service.number}` : undefined;
  }

  /** A lost backend that nobody asked to go: the server ends every session and recovers. */
  private async crashServer(stream: Stream): Promise<string | undefined> {
    const backend = await this.busyBackend(stream);
    if (backend === undefined || !send(backend.pid, 'SIGKILL')) return undefined;
    return `backend ${backend.pid} at ${brief(backend.query)}`;
  }

  private async killServer(): Promise<string | undefined> {
    const { server } = this.arena.hospital;
    const { pid } = server;
    const killed = send(pid, 'SIGKILL');
    try {
      await server.startAgain();
    } catch (cause) {
      throw new BrokenForGood('The server did not start again after it was killed.', { cause });
    }
    return killed ? `server ${pid}` : undefined;
  }

  private async cut(stream: Stream): Promise<string | undefined> {
    const proxy = stream.pick(this.arena.proxies);
    const message = stream.weighted(MESSAGES);
    const how = stream.weighted(CUTS);
    const before = proxy.fired;
    if (message === 'COMMIT') proxy.cutAt(message, how);
    else proxy.cutNext(how);
    await until(() => proxy.fired > before, CUT_LIMIT_MS).catch(() => undefined);
    proxy.cutAt(NEVER_SENT, how);
    return proxy.fired > before ? `${how} ${message}` : undefined;
  }

  private async partition(stream: Stream): Promise<string | undefined> {
    const proxy = stream.pick(this.arena.proxies);
    const milliseconds = stream.between(50, 1_500);
    proxy.refuse(true);
    await pause(milliseconds);
    proxy.refuse(false);
    return `service ${this.arena.proxies.indexOf(proxy)} for ${milliseconds} ms`;
  }

  /** Somebody else works on patients that are about to be deleted. */
  private async holdLocks(stream: Stream): Promise<string | undefined> {
    const { waves, clients, hospital } = this.arena;
    const milliseconds = stream.between(100, 3_000);
    const from = waves.frontier + stream.between(-clients, clients);
    const patients = await waves.near([from, from + 1, from + 2]);
    const client = await hospital.control.connect();
    try {
      await client.query('BEGIN');
      const { rowCount } = await client.query(
        `SELECT FROM patient.sharded_patient_demographics WHERE patient_id = ANY ($1::uuid[])
         ORDER BY patient_id FOR UPDATE`,
        [patients],
      );
      await pause(milliseconds);
      return rowCount === 0 ? undefined : `${rowCount ?? 0} patients for ${milliseconds} ms`;
    } finally {
      // The session goes, and its locks with it.
      client.release(true);
    }
  }
}

/** @returns false where there is no such process */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function brief(query: string): string {
  return query.replace(/\s+/g, ' ').trim().slice(0, 60);
}
