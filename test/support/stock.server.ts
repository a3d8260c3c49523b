import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/embedded-postgres/loopback.port.js';
import { serverAccount } from '../../src/embedded-postgres/server.account.js';
import { STOCK_CLUSTER } from './run.folder.js';

/** Where Debian and Ubuntu put the programs of each release. */
const RELEASES = '/usr/lib/postgresql';
const SUPERUSER = 'postgres';
/**
 * Debian's own locale, by which a cluster is encoded in UTF-8. Where the translations are installed, the server speaks
 * German: nothing may depend on its words.
 */
const ENVIRONMENT = { LANG: 'C.UTF-8', LANGUAGE: 'de' };

/** PostgreSQL as Debian ships it: its own release, libraries, compiler and defaults, on loopback TCP alone. */
export class StockServer {
  private constructor(
    private readonly programs: string,
    private readonly cluster: string,
    private readonly account: { uid: number; gid: number } | undefined,
    private readonly password: string,
    private readonly port: number,
  ) {}

  /** The folder with the programs of the newest release; undefined where none is installed. */
  static async find(): Promise<string | undefined> {
    const releases = await readdir(RELEASES).catch(() => []);
    const [newest] = releases.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? undefined : join(RELEASES, newest, 'bin');
  }

  /**
   * Makes a cluster and starts its server.
   *
   * @param programs what {@link find} has found
   * @param folder of a run, which ends the server with the rest where {@link stop} is not come to; made where missing
   */
  static async start(programs: string, folder: string): Promise<StockServer> {
    const cluster = join(folder, STOCK_CLUSTER);
    const account = await serverAccount(cluster);
    const password = randomBytes(24).toString('hex');
    const server = new StockServer(programs, cluster, account, password, await freePort());
    await mkdir(cluster, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o711);
    if (account !== undefined) await chown(cluster, account.uid, account.gid);
    await server.initdb(join(folder, 'password'));
    const places = `-c listen_addresses=127.0.0.1 -c port=${server.port} -c unix_socket_directories=`;
    await server.run('pg_ctl', 'start', '-w', '-s', '-l', join(cluster, 'server.log'), '-o', places);
    return server;
  }

  private async initdb(passwordFile: string): Promise<void> {
    await writeFile(passwordFile, this.password, { mode: 0o600 });
    if (this.account !== undefined) await chown(passwordFile, this.account.uid, this.account.gid);
    await this.run('initdb', '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`);
    await rm(passwordFile);
  }

  /** URL of the superuser for the database `postgres`. */
  get url(): string {
    return `postgres://${SUPERUSER}:${this.password}@127.0.0.1:${this.port}/postgres`;
  }

  async stop(): Promise<void> {
    await this.run('pg_ctl', 'stop', '-w', '-s', '-m', 'fast');
  }

  private async run(program: string, ...args: string[]): Promise<void> {
    const env = { PATH: process.env['PATH'], PGDATA: this.cluster, ...ENVIRONMENT };
    await promisify(execFile)(join(this.programs, program), args, { cwd: '/', env, ...this.account });
  }
}
