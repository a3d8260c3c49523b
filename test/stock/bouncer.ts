import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../src/embedded-postgres/loopback.port.js';
import { serverAccount } from '../../src/embedded-postgres/server.account.js';
import { serverUrl } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';

/** Where Debian puts it. */
const PROGRAM = '/usr/sbin/pgbouncer';

export function isBouncerInstalled(): boolean {
  return existsSync(PROGRAM);
}

/** How a pooler is configured beyond where it listens; the names are those of pgbouncer.ini. */
export type BouncerSettings = Readonly<Record<string, string>> & {
  readonly pool_mode: 'session' | 'transaction' | 'statement';
};

/** A PgBouncer of Debian's before the server of this run. */
export class Bouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  /** @param users logins and their passwords, beside that of the server's superuser */
  static async start(
    settings: BouncerSettings,
    users: Readonly<Record<string, string>> = {},
  ): Promise<Bouncer> {
    const folder = await temporaryFolder();
    const server = new URL(serverUrl());
    const logins = { [server.username]: decodeURIComponent(server.password), ...users };
    const port = await freePort();
    const lines = Object.entries({
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: join(folder, 'users'),
      ...settings,
    }).map(([name, value]) => `${name} = ${value}`);
    const databases = `* = host=${server.hostname} port=${server.port}`;
    const files = {
      'pgbouncer.ini': `[databases]\n${databases}\n[pgbouncer]\n${lines.join('\n')}\n`,
      users: Object.entries(logins)
        .map(([name, password]) => `"${name}" "${password}"\n`)
        .join(''),
    };
    await chmod(folder, 0o711);
    // It does not run as root either.
    const account = await serverAccount(folder);
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      if (account !== undefined) await chown(join(folder, name), account.uid, account.gid);
    }
    const child = spawn(PROGRAM, ['-q', join(folder, 'pgbouncer.ini')], { stdio: 'ignore', ...account });
    const bouncer = new Bouncer(child, port);
    await until(() => bouncer.listens());
    return bouncer;
  }

  /** The same login and database, by way of the pooler. */
  behind(url: string): string {
    const through = new URL(url);
    through.host = `127.0.0.1:${this.port}`;
    return through.href;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }

  private async listens(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.behind(serverUrl()) });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
