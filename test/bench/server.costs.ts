import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** What a piece of work has cost the database server. */
export interface ServerCosts {
  /** Bytes of write-ahead log, of all databases together. */
  readonly walBytes: number;
  /** CPU time of all its processes, in milliseconds; NaN where the system does not tell. */
  readonly serverCpuMs: number;
}

/** Of Linux: `getconf CLK_TCK` says so everywhere. */
const MS_OF_A_TICK = 10;

/** Reads what the server has spent so far. */
export class ServerMeter {
  private constructor(
    private readonly client: pg.Client,
    private readonly postmaster: number,
  ) {}

  /** @param url PostgreSQL URL of a superuser of the server @param postmaster process id of the server */
  static async of(url: string, postmaster: number): Promise<ServerMeter> {
    const client = new pg.Client({ connectionString: url, application_name: 'bench meter' });
    client.on('error', () => undefined);
    await client.connect();
    return new ServerMeter(client, postmaster);
  }

  /** Does the work. @returns its answer with what it has cost the server, whoever else works there meanwhile */
  async during<T>(work: () => Promise<T>): Promise<T & ServerCosts> {
    const before = await this.read();
    const answer = await work();
    const after = await this.read();
    return Object.assign({}, answer, {
      walBytes: after.walBytes - before.walBytes,
      serverCpuMs: after.serverCpuMs - before.serverCpuMs,
    });
  }

  /**
   * Which share of the updates of a database’s patient-owned tables has stayed on the page of its row (HOT). A session
   * hands its counts over when it ends.
   */
  static async hotShare(url: string): Promise<number> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ share: number }>(
        `SELECT sum(n_tup_hot_upd)::float8 / sum(n_tup_upd)::float8 AS share FROM pg_stat_user_tables
         WHERE schemaname IN ('clinical', 'finance')`,
      );
      return rows[0]?.share ?? NaN;
    } finally {
      await client.end();
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async read(): Promise<ServerCosts> {
    const { rows } = await this.client.query<{ bytes: string }>(
      "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes",
    );
    return { walBytes: Number(rows[0]?.bytes), serverCpuMs: await cpuMsOf(this.postmaster) };
  }
}

/** Of the server, its living processes, and those that have ended. */
async function cpuMsOf(postmaster: number): Promise<number> {
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').catch(() => '');
  const own = await ticksOf(postmaster);
  const living = await Promise.all(children.trim().split(' ').filter(Boolean).map(ticksOf));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return own.length === 0
    ? NaN
    : MS_OF_A_TICK * (sum(own) + sum(living.map((ticks) => sum(ticks.slice(0, 2)))));
}

/** utime, stime, and the same of children that have ended: fields 14 to 17 of proc(5). None of a process that is gone. */
async function ticksOf(pid: number | string): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold spaces.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.slice(11, 15).map(Number) ?? [];
}
