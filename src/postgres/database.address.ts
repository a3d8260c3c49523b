import pg from 'pg';

/** Where a database is, without who signs in. */
export interface DatabaseAddress {
  /** Host name, address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/**
 * Where the connections of a URL lead to, read by `pg` itself: with its defaults and the variables of PostgreSQL.
 * Connects to nothing.
 *
 * @param url PostgreSQL URL
 */
export function addressOf(url: string): DatabaseAddress {
  const { host, port, database = '' } = new pg.Client({ connectionString: url });
  return { host, port, database };
}
