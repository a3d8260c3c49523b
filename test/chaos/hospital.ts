import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate, RELEVANT_USER_ROLE, SERVICE_ROLE } from '../../src/postgres/index.js';

/**
 * A process that is killed takes nothing with it that it had written: the pages lie in the operating system's
 * cache. So `fsync` and `full_page_writes` protect from nothing that is done here (only a machine that loses its
 * power would show the difference), and the run is the faster without them. Frequent checkpoints keep the
 * recoveries short.
 */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_prepared_transactions: '20',
  deadlock_timeout: '200ms',
  checkpoint_timeout: '30s',
};
const SERVICE_LOGIN = 'chaos_service';
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/** The hospital's database of a run: a server of its own, migrated, with a login for the service. */
export class Hospital {
  /** Sessions of the superuser, for what the run itself needs. */
  readonly control: pg.Pool;

  private constructor(
    readonly server: EmbeddedServer,
    /** The login of the service: it may do what `silgi_service` may, and no more. */
    readonly serviceUrl: string,
    /** The patient-owned tables below the demographics, `schema.table`, with a column of text each. */
    readonly children: ReadonlyMap<string, string>,
  ) {
    this.control = new pg.Pool({
      connectionString: server.url,
      application_name: 'chaos control',
      max: 20,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
    });
    // The server is killed under its sessions, and that is meant.
    this.control.on('error', () => undefined);
    this.control.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  /** @param folder where the server and its data go */
  static async open(folder: string): Promise<Hospital> {
    const server = await EmbeddedServer.start({ dataDir: join(folder, 'hospital'), settings: SETTINGS });
    await migrate(server.url);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      const password = randomBytes(12).toString('hex');
      await client.query(`CREATE ROLE ${SERVICE_LOGIN} LOGIN PASSWORD '${password}' IN ROLE ${SERVICE_ROLE}`);
      const serviceUrl = new URL(server.url);
      serviceUrl.username = SERVICE_LOGIN;
      serviceUrl.password = password;
      return new Hospital(server, serviceUrl.href, await childrenOf(client));
    } finally {
      await client.end();
    }
  }

  /** URL of the owner, or of a session that works as the users concerned do. */
  urlOf(role: 'owner' | 'relevant_user'): string {
    const url = new URL(this.server.url);
    if (role === 'relevant_user') url.searchParams.set('options', `-c role=${RELEVANT_USER_ROLE}`);
    return url.href;
  }

  async close(): Promise<void> {
    await this.control.end();
    await this.server.stop();
  }
}

/** From the live catalogue, so that a table that is added to the product takes part at once. */
async function childrenOf(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ table: string; text: string }>(
    `SELECT c.table_schema || '.' || c.table_name AS table,
       min(c.column_name) FILTER (WHERE c.data_type = 'text' AND c.is_generated = 'NEVER') AS text
     FROM information_schema.columns c
     GROUP BY 1
     HAVING array_agg(c.column_name::text) @> ARRAY['patient_id', 'is_deleted', 'live']
     ORDER BY 1`,
  );
  return new Map(rows.filter(({ table }) => table !== DEMOGRAPHICS).map(({ table, text }) => [table, text]));
}
