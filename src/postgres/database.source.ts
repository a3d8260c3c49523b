import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../config/index.js';

/** Where a database is: its URL, or a data source of which only the options of its connection are read. */
export type DatabaseSource =
  | {
      /** PostgreSQL URL of the login. */
      readonly url: string;
    }
  | {
      /** A data source of `postgres`, open or not. Its pool and its sessions are never used. */
      readonly dataSource: DataSource;
    };

/** What of TypeORM's options says how a session is made. */
interface ConnectionOptions {
  readonly type: string;
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: unknown;
  readonly database?: string;
  readonly ssl?: unknown;
  readonly replication?: { readonly master: Omit<ConnectionOptions, 'type'> };
  readonly extra?: object;
}

/** Options of `pg` that say where a session leads to, or how it is encrypted; a URL cannot say what they may hold. */
const LEADING_ELSEWHERE = [
  ...['connectionString', 'host', 'port', 'user', 'password', 'database'],
  ...['ssl', 'sslnegotiation', 'stream', 'options'],
];
const PLAIN_HOST = /^[\w.-]+$/;

/**
 * The URL of the sessions that a data source makes. It is read and not connected to.
 *
 * A pool cannot be shared: Silgi's sessions take a role, state settings and prepare statements at connect, in a client of
 * their own, and none of it may reach the sessions of anybody else (docs/adr/0032-as-a-library.md).
 *
 * @throws ConfigurationError where the options say what no URL can: another database than PostgreSQL, a password that a
 *   function makes, certificates in memory
 */
export function urlOf(source: DatabaseSource): string {
  if ('url' in source) return source.url;
  const options = source.dataSource.options as ConnectionOptions;
  if (options.type !== 'postgres') throw refusal(`is one of ${options.type} and not of postgres`);
  const { url, host, port, username, password, database, ssl } = options.replication?.master ?? options;
  const elsewhere = LEADING_ELSEWHERE.filter((name) => name in (options.extra ?? {}));
  if (elsewhere.length > 0) throw refusal(`says ${elsewhere.join(', ')} in its extra`);
  if (typeof ssl === 'object' && ssl !== null) throw refusal('has an object as its ssl');
  const tls = ssl === true ? { sslmode: 'verify-full' } : {};
  if (url !== undefined) return withParameters(url, tls);
  if (password !== undefined && typeof password !== 'string')
    throw refusal('makes its password by a function');
  // With the defaults of `pg`, and the variables of PostgreSQL, as the data source has them.
  const said = Object.entries({ host, port, user: username, password, database });
  const client = new pg.Client(Object.fromEntries(said.filter(([, value]) => value !== undefined)));
  const where = PLAIN_HOST.test(client.host) ? client.host : 'localhost';
  const made = new URL(`postgres://${where}:${client.port}`);
  made.username = encodeURIComponent(client.user ?? '');
  made.password = encodeURIComponent(client.password ?? '');
  made.pathname = `/${encodeURI(client.database ?? '')}`;
  return withParameters(made.href, where === client.host ? tls : { ...tls, host: client.host });
}

function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const made = new URL(url);
  // What a URL says itself stands.
  for (const [name, value] of Object.entries(parameters))
    if (!made.searchParams.has(name)) made.searchParams.set(name, value);
  return Object.keys(parameters).length === 0 ? url : made.href;
}

function refusal(what: string): ConfigurationError {
  return new ConfigurationError(
    `The data source ${what}, of which Silgi cannot make a URL: name the database by its url instead.`,
  );
}
