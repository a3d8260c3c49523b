import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { temporaryFolder } from '../support/run.folder.js';

jest.setTimeout(120_000);

// Roles belong to the whole server: one of its own.
let server: EmbeddedServer;
beforeAll(async () => {
  server = await EmbeddedServer.start({ dataDir: await temporaryFolder(), settings: { fsync: 'off' } });
});
afterAll(() => server.stop());

async function onServer<T extends pg.QueryResultRow>(url: string, ...statements: string[]): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: T[] = [];
    for (const statement of statements) ({ rows } = await client.query<T>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

it('a start whose login may not create the role that destroys says so, and secures all the rest', async () => {
  const roles = ['silgi_owner', 'silgi_service', 'silgi_restorer', 'relevant_user', 'relevant_writer'];
  await onServer(
    server.url,
    ...roles.map((role) => `CREATE ROLE ${role} NOLOGIN`),
    'ALTER ROLE silgi_service NOINHERIT',
    'GRANT silgi_restorer TO silgi_service',
    `CREATE ROLE hospital LOGIN PASSWORD 'x' NOCREATEROLE`,
    'GRANT silgi_owner TO hospital WITH ADMIN OPTION',
    'CREATE DATABASE his OWNER hospital',
  );
  const url = new URL(server.url);
  Object.assign(url, { username: 'hospital', password: 'x', pathname: '/his' });
  const said: string[] = [];
  await migrate(url.href, (line) => said.push(line));
  expect(said.filter((line) => line.includes('silgi_destroyer'))).toEqual([
    expect.stringMatching(
      /may not create the role silgi_destroyer: until somebody does, nothing can be destroyed\..*CREATE ROLE silgi_destroyer;/,
    ),
  ]);
  const [may] = await onServer(
    url.href,
    `SELECT has_table_privilege('silgi_service', 'patient.sharded_patient_destruction', 'SELECT') AS reads,
       has_table_privilege('silgi_restorer', 'patient.sharded_legal_hold', 'INSERT') AS holds,
       (SELECT relrowsecurity FROM pg_class WHERE oid = 'clinical.sharded_tani'::regclass) AS secured,
       (SELECT count(*)::int FROM pg_policy WHERE polrelid = 'clinical.sharded_tani'::regclass) AS policies`,
  );
  expect(may).toEqual({ reads: true, holds: true, secured: true, policies: 8 });

  await onServer(server.url, 'CREATE ROLE silgi_destroyer NOLOGIN', 'GRANT silgi_destroyer TO silgi_service');
  said.length = 0;
  await migrate(url.href, (line) => said.push(line));
  expect(said.filter((line) => line.includes('silgi_destroyer'))).toEqual([]);
  const [later] = await onServer(
    url.href,
    `SELECT count(*)::int AS policies FROM pg_policy WHERE polrelid = 'clinical.sharded_tani'::regclass`,
  );
  expect(later).toEqual({ policies: 11 });
});
