import pg from 'pg';

/** SQLSTATEs met when another process creates the same database at the same moment. */
const ALREADY_CREATED = new Set(['42P04', '23505']);

/**
 * Creates a database where there is none of that name yet.
 *
 * @param url PostgreSQL URL of another database of the server, with a login that may create databases
 * @throws the error of `pg` when the server cannot be reached or refuses
 */
export async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (known.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    if (!ALREADY_CREATED.has((error as pg.DatabaseError).code ?? '')) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
