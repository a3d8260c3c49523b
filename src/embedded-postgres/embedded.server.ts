import { createDatabase } from './create.database.js';
import { DataFolder, SUPERUSER } from './data.folder.js';
import { locateBinaries } from './embedded.binaries.js';
import { EmbeddedServerError } from './embedded-server.error.js';
import { freePort, isFree } from './loopback.port.js';
import { poll } from './poll.js';
import { livingPostmaster, type Postmaster } from './postmaster.js';
import { ServerLease } from './server.lease.js';
import { commandLine } from './server.settings.js';

const DATABASE = 'silgi';
/** Long enough for the recovery of a database of some gigabytes. */
const START_LIMIT_MS = 120_000;
const PG_CTL_LIMIT_S = 60;
/** A killed server's port is free within moments. */
const PORT_LIMIT_MS = 3_000;
/** Of a start that lost a race: another starter's lock file, backends of a killed server, a port just taken. */
const PASSING = /lock file .* already exists|shared memory block|could not bind|Address already in use/;
/** SQLSTATEs of a server that is starting, recovering or stopping: come again. */
const NOT_YET = new Set(['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** How {@link EmbeddedServer.start} starts a server. */
export interface EmbeddedServerOptions {
  /** Absolute path of the folder that holds the database and its log. */
  readonly dataDir: string;
  /** Server settings by name, e.g. `max_prepared_transactions: '20'`; they do not apply to an adopted server. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A real PostgreSQL of Silgi's own, on loopback TCP only: for development, demonstration and tests. It lives
 * in a session of its own, so that neither Ctrl-C nor the death of the process that started it stops it; the
 * next start on the same folder adopts it, and the last process to {@link stop} using it stops it.
 */
export class EmbeddedServer {
  private lease: ServerLease | undefined;
  private postmaster: Postmaster = { pid: 0, port: 0, ready: false };
  private wasAdopted = false;
  private ending: Promise<'stopped' | 'left-running'> | undefined;

  private constructor(
    private readonly folder: DataFolder,
    private readonly password: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /**
   * Makes the database where there is none, starts the server or adopts the one that runs already, and answers
   * once the database `silgi` takes connections. The port of the last time is used again where it is free.
   *
   * @throws EmbeddedServerError saying what happened, where, and what to do next
   */
  static async start({ dataDir, settings = {} }: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const folder = await DataFolder.prepare(dataDir, await locateBinaries());
    const server = new EmbeddedServer(folder, await folder.password(), settings);
    await server.arrive(undefined);
    return server;
  }

  /** URL of the superuser for the database `silgi`; it holds the password. */
  get url(): string {
    return this.urlOf(DATABASE);
  }

  /** Process id of the server. */
  get pid(): number {
    return this.postmaster.pid;
  }

  get port(): number {
    return this.postmaster.port;
  }

  /** True when the server ran already and was not started by this object. */
  get adopted(): boolean {
    return this.wasAdopted;
  }

  /**
   * Starts the server again after it died, on the same port, so that {@link url} stays true and pools that
   * know it find the server again. Where it lives (another process may have started it), that one is used.
   *
   * @throws EmbeddedServerError also when another program has taken the port
   */
  async startAgain(): Promise<void> {
    await this.lease?.close();
    this.ending = undefined;
    await this.arrive(this.port);
  }

  /**
   * Stops using the server, and stops the server where no other process uses it. The connections that are
   * left then are closed by the server. Calling it twice is harmless.
   *
   * @throws EmbeddedServerError when the server does not stop
   */
  stop(): Promise<'stopped' | 'left-running'> {
    this.ending ??= this.leave();
    return this.ending;
  }

  private async leave(): Promise<'stopped' | 'left-running'> {
    let left = await this.lease?.leave();
    if (left !== 'last' && left !== 'others') {
      if ((await livingPostmaster(this.folder.cluster)) === undefined) return 'stopped';
      this.lease = await ServerLease.take(this.urlOf('postgres')).catch(() => undefined);
      left = await this.lease?.leave();
    }
    if (left !== 'last') return 'left-running';
    try {
      const { code } = await this.folder.pgCtl('stop', ['-m', 'fast', '-t', String(PG_CTL_LIMIT_S)]);
      if (code === 0 || (await livingPostmaster(this.folder.cluster)) === undefined) return 'stopped';
    } finally {
      await this.lease?.close();
    }
    throw await this.failure(
      `did not stop within ${PG_CTL_LIMIT_S} s`,
      `End the process ${this.pid} by hand.`,
    );
  }

  /** Starts or adopts, whichever the moment asks for, until this process is present on a server that answers. */
  private async arrive(port: number | undefined): Promise<void> {
    this.wasAdopted = true;
    const present = await poll(START_LIMIT_MS, async () => {
      if ((await livingPostmaster(this.folder.cluster)) === undefined && (await this.launch(port)))
        this.wasAdopted = false;
      const postmaster = await livingPostmaster(this.folder.cluster);
      return postmaster?.ready === true ? this.enter(postmaster) : undefined;
    });
    if (present === undefined)
      throw await this.failure(
        `did not take connections within ${START_LIMIT_MS / 1000} s`,
        'It may still be recovering: try again later.',
      );
    this.lease = present;
  }

  /** One attempt to start: false where it failed for a reason that passes by itself, so that the next may work. */
  private async launch(fixedPort: number | undefined): Promise<boolean> {
    const port = fixedPort ?? (await this.choosePort());
    if (fixedPort !== undefined && !(await this.isAvailable(fixedPort)))
      throw await this.failure(
        `cannot start: port ${fixedPort} is taken`,
        'End the program that uses the port.',
      );
    const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port) };
    const options = commandLine({ ...this.settings, ...fixed });
    const limit = ['-t', String(PG_CTL_LIMIT_S)];
    const { code, said } = await this.folder.pgCtl('start', [...limit, '-l', this.folder.log, '-o', options]);
    if (code === 0) return true;
    if (PASSING.test(said) || (await livingPostmaster(this.folder.cluster)) !== undefined) return false;
    throw await this.failure('did not start', 'Mend what the log names, or set DATA_DIR to another folder.');
  }

  private async choosePort(): Promise<number> {
    const last = await this.folder.lastPort();
    return last !== undefined && (await isFree(last)) ? last : freePort();
  }

  /** Whether the port is free, or soon so, or taken by this very server, which another process started. */
  private async isAvailable(port: number): Promise<boolean> {
    const available = await poll(PORT_LIMIT_MS, async () => {
      if (await isFree(port)) return true;
      return (await livingPostmaster(this.folder.cluster)) === undefined ? undefined : true;
    });
    return available === true;
  }

  /** Becomes present and makes sure of the database; undefined when the server does not answer yet. */
  private async enter(postmaster: Postmaster): Promise<ServerLease | undefined> {
    this.postmaster = postmaster;
    let lease: ServerLease | undefined;
    try {
      lease = await ServerLease.take(this.urlOf('postgres'));
      await createDatabase(this.urlOf('postgres'), DATABASE);
      return lease;
    } catch (error) {
      await lease?.close();
      const { code, message } = error as NodeJS.ErrnoException;
      if (NOT_YET.has(code ?? '') || /terminated|timeout/i.test(message)) return undefined;
      throw await this.failure(`refuses this process: ${message}`, 'Stop it and start Silgi again.', error);
    }
  }

  private urlOf(database: string): string {
    return `postgres://${SUPERUSER}:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  private async failure(what: string, advice: string, cause?: unknown): Promise<EmbeddedServerError> {
    return new EmbeddedServerError(
      `The embedded PostgreSQL at ${this.folder.cluster} ${what}. ${advice} Or set DATABASE_URL to a server of ` +
        `your own. The end of ${this.folder.log}:\n${await this.folder.logTail()}`,
      { cause },
    );
  }
}
