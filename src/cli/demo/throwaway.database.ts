import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServer } from '../../embedded-postgres/index.js';

/** Nothing here has to outlive a power cut. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/** A real PostgreSQL in a temporary folder, both of which go again: no data but its own is ever reached. */
export class ThrowawayDatabase {
  private server: EmbeddedServer | undefined;

  private constructor(private readonly folder: string) {
    process.once('exit', this.removeAtOnce);
    process.once('SIGHUP', this.exitOnHangUp);
  }

  /** @throws EmbeddedServerError where it cannot be started; nothing is left then */
  static async start(): Promise<ThrowawayDatabase> {
    const database = new ThrowawayDatabase(await mkdtemp(join(tmpdir(), 'silgi-demo-')));
    try {
      database.server = await EmbeddedServer.start({ dataDir: database.folder, settings: SETTINGS });
      return database;
    } catch (error) {
      await database.remove();
      throw error;
    }
  }

  /** URL of a login that owns everything in it. */
  get url(): string {
    return this.server?.url ?? '';
  }

  async remove(): Promise<void> {
    process.off('exit', this.removeAtOnce);
    process.off('SIGHUP', this.exitOnHangUp);
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Where the process ends without having come to {@link remove}. */
  private readonly removeAtOnce = (): void => {
    if (this.server !== undefined) {
      try {
        process.kill(this.server.pid, 'SIGQUIT');
      } catch {
        // It has ended already.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };

  /** The terminal was closed: nobody reads on. */
  private readonly exitOnHangUp = (): void => {
    process.exit(128 + constants.signals.SIGHUP);
  };
}
