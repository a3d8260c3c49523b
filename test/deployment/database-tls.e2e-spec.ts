import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { serviceOptions } from '../../src/postgres/database.options.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';

jest.setTimeout(120_000);

/** The name in the server's certificate. */
const NAME = 'localhost';

let server: EmbeddedServer;
let folder: string;

beforeAll(async () => {
  const dataDir = await temporaryFolder();
  server = await EmbeddedServer.start({ dataDir });
  folder = join(dataDir, 'postgres-18');
  await certify('server');
  await certify('other');
});

afterAll(async () => {
  await server.stop();
});

/** Makes a key and a certificate for {@link NAME} that is signed with it, both the server's own. */
async function certify(file: string): Promise<void> {
  const [key, certificate] = [join(folder, `${file}.key`), join(folder, `${file}.crt`)];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${NAME}`],
    ...['-addext', `subjectAltName=DNS:${NAME}`, '-keyout', key, '-out', certificate],
  ]);
  const { uid, gid } = await stat(folder);
  for (const path of [key, certificate]) await chown(path, uid, gid);
}

async function asSuperuser<Row extends pg.QueryResultRow>(...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) ({ rows } = await client.query<Row>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Switches TLS of the server on or off, and waits until it has. */
async function tls(state: 'on' | 'off'): Promise<void> {
  await asSuperuser(
    `ALTER SYSTEM SET ssl_cert_file = 'server.crt'`,
    `ALTER SYSTEM SET ssl_key_file = 'server.key'`,
    `ALTER SYSTEM SET ssl = ${state}`,
    'SELECT pg_reload_conf()',
  );
  await until(async () => (await asSuperuser<{ ssl: string }>('SHOW ssl'))[0]?.ssl === state);
}

/** Whether a session of the service's pool is encrypted, its URL ending like this. */
async function isEncrypted(parameters: Record<string, string>, host = NAME): Promise<boolean> {
  const url = new URL(server.url);
  url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const pool = new DataSource(serviceOptions(url.href, { warn: () => undefined }));
  try {
    await pool.initialize();
    const [row] = await pool.query<{ ssl: boolean }[]>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return row?.ssl === true;
  } finally {
    if (pool.isInitialized) await pool.destroy();
  }
}

const trusting = (file: string, sslmode = 'verify-full') => ({
  sslmode,
  sslrootcert: join(folder, `${file}.crt`),
});

describe('the connection to a database with TLS', () => {
  beforeAll(() => tls('on'));

  it.each(['verify-full', 'verify-ca', 'require'])(
    'is encrypted with sslmode=%s and its CA',
    async (sslmode) => {
      expect(await isEncrypted(trusting('server', sslmode))).toBe(true);
    },
  );

  it('is not asked for where the URL does not ask for it', async () => {
    expect(await isEncrypted({})).toBe(false);
  });

  it.each(['verify-full', 'require'])(
    'is refused with sslmode=%s where another CA is trusted',
    async (sslmode) => {
      await expect(isEncrypted(trusting('other', sslmode))).rejects.toThrow(/certificate/);
    },
  );

  it('is refused with sslmode=require alone where no known CA has signed', async () => {
    await expect(isEncrypted({ sslmode: 'require' })).rejects.toThrow(/certificate/);
  });

  it('is refused with sslmode=verify-full where the certificate is for another name', async () => {
    await expect(isEncrypted(trusting('server'), '127.0.0.1')).rejects.toThrow(/altnames|does not match/);
  });
});

describe('the connection to a database without TLS', () => {
  beforeAll(() => tls('off'));

  it.each(['verify-full', 'require'])(
    'is refused with sslmode=%s, and never plain instead',
    async (sslmode) => {
      await expect(isEncrypted(trusting('server', sslmode))).rejects.toThrow(/does not support SSL/);
    },
  );
});
