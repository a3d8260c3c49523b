import pg from 'pg';

/** "silgi" as a number: the advisory lock that counts the processes using an embedded server. */
const LEASE_LOCK = 0x73696c6769;
const RETURN_AFTER_MS = 500;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One process's lease on a server: a connection of its own that holds a shared advisory lock, so that the
 * last process out can know that it is the last. The kernel closes it when the process dies. Where the server
 * drops the connection, the lease is taken again in the background as soon as the server is back; a server
 * that dies neither crashes this process nor keeps it alive.
 */
export class ServerLease {
  private client: pg.Client | undefined;
  private left = false;

  private constructor(private readonly url: string) {}

  /** Connects and takes the shared lock; fails as `pg` does when the server is not accepting connections. */
  static async take(url: string): Promise<ServerLease> {
    const lease = new ServerLease(url);
    await lease.enter();
    return lease;
  }

  private async enter(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'silgi lease',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // Without a listener the loss of an idle connection would end the process; `end` follows and is enough.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT pg_advisory_lock_shared($1)', [LEASE_LOCK]);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    client.once('end', () => {
      this.client = undefined;
      this.returnLater();
    });
    if (this.left) await client.end();
    else this.client = client;
  }

  private returnLater(): void {
    if (this.left) return;
    setTimeout(() => {
      if (this.left) return;
      this.enter().catch(() => {
        this.returnLater();
      });
    }, RETURN_AFTER_MS).unref();
  }

  /**
   * Gives up the lease and tells what that leaves.
   *
   * @returns `last`: nobody else is present, and nobody can enter until {@link close} or the server's end;
   *   `others`: somebody is; `unknown`: the server cannot be asked
   */
  async leave(): Promise<'last' | 'others' | 'unknown'> {
    this.left = true;
    if (this.client === undefined) return 'unknown';
    try {
      await this.client.query('SELECT pg_advisory_unlock_shared($1)', [LEASE_LOCK]);
      const { rows } = await this.client.query<{ alone: boolean }>(
        'SELECT pg_try_advisory_lock($1) AS alone',
        [LEASE_LOCK],
      );
      if (rows[0]?.alone === true) return 'last';
      await this.close();
      return 'others';
    } catch {
      await this.close();
      return 'unknown';
    }
  }

  /** Ends the connection, and with it whatever lock it holds. */
  async close(): Promise<void> {
    this.left = true;
    await this.client?.end().catch(() => undefined);
    this.client = undefined;
  }
}
