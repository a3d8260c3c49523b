import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { onServer } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type Api, openApi } from '../admin/api.js';

let server: EmbeddedServer;
let api: Api;
let dataDir: string;

beforeAll(async () => {
  dataDir = await temporaryFolder();
  server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
  api = await openApi(server.url);
});

afterAll(async () => {
  await api.close();
  await server.stop();
});

const readiness = () => api.raw('get', '/health/ready');
const codeNow = async () => ((await readiness()).body as { code?: string }).code;
const reload = async (setting: string) => {
  await onServer(server.url, setting);
  await onServer(server.url, 'SELECT pg_reload_conf()');
};
/** What the sessions do that wait for a standby. */
const waiting = async () => {
  const rows = await onServer<{ query: string }>(
    server.url,
    `SELECT query FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'silgi'`,
  );
  return rows.map(({ query }) => query);
};

it('COMMIT_HANGS where no synchronous standby is there, at the cost of one session however often it is asked', async () => {
  await readiness().expect(200);
  // The sealer writes at its first round, and then no more: nothing is there to seal.
  await until(async () => (await onServer(server.url, 'SELECT FROM audit.audit_log_key')).length === 1);
  await reload(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await until(async () => (await codeNow()) === 'COMMIT_HANGS');
  // Past the time after which the client itself gives the connection up.
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const answers = await Promise.all(Array.from({ length: 5 }, readiness));
    for (const { status, body } of answers)
      expect([status, (body as { code: string }).code]).toEqual([503, 'COMMIT_HANGS']);
    expect(await waiting()).toEqual(['COMMIT']);
  }
  // Nor where the server could not be asked meanwhile what became of it.
  const onlyHere = (statement: string) =>
    onServer(server.url, `SET synchronous_commit = local; ${statement}`);
  await onlyHere('REVOKE EXECUTE ON FUNCTION pg_xact_status(xid8) FROM PUBLIC');
  await until(async () => (await codeNow()) === 'PRIVILEGE_MISSING');
  await onlyHere('GRANT EXECUTE ON FUNCTION pg_xact_status(xid8) TO PUBLIC');
  await until(async () => (await codeNow()) === 'COMMIT_HANGS');
  expect(await waiting()).toEqual(['COMMIT']);
  await reload('ALTER SYSTEM RESET synchronous_standby_names');
  await until(async () => (await readiness()).status === 200);
  expect(await waiting()).toEqual([]);
});

it('STANDBY where the server is one', async () => {
  await server.stop();
  const [folder] = await clusterFolders();
  await writeFile(join(folder ?? '', 'standby.signal'), '');
  await server.startAgain();
  await until(async () => (await codeNow()) === 'STANDBY');
});

async function clusterFolders(): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(dataDir, { recursive: true });
  return names
    .filter((name) => name.endsWith('PG_VERSION') && !name.includes('base'))
    .map((name) => join(dataDir, name, '..'));
}
