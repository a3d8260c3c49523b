import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { countRows, seedPatient } from '../support/patients.js';
import { WHOLE } from '../retention/examples.js';
import { isRunning, until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { REQUEST } from './api.js';
import { embeddedServerPid, ProductProcess } from './service.process.js';

let dataDir: string;
const started: ProductProcess[] = [];

beforeEach(async () => {
  dataDir = await temporaryFolder();
});

afterEach(async () => {
  for (const service of started.splice(0)) {
    service.kill('SIGKILL');
    await service.ends();
  }
});

function start(env: NodeJS.ProcessEnv = {}): ProductProcess {
  const service = new ProductProcess(['main.ts'], { DATA_DIR: dataDir, PORT: '0', ...env });
  started.push(service);
  return service;
}

async function bearer(service: ProductProcess): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await service.says(/^TOKEN='([^']+)'$/m)}` };
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(url, init)).status;
}

describe('the service on its embedded database', () => {
  it('prints calls that preview and delete a patient, and finds all of it again after it was killed', async () => {
    const first = start();
    const headers = await bearer(first);
    const banner = await first.says(/^Silgi is running at [^]*?\/deletions'$/m);
    const { stdout } = await promisify(execFile)('sh', ['-c', banner.slice(banner.indexOf('# Sign in'))]);
    expect(stdout).toMatch(/^\{"items":\[.*"ready":true.*"state":"DELETED"/);
    expect(banner).toContain(`Swagger UI  ${await first.url()}/docs`);
    expect(banner).toContain('This output goes to a file or a program: the token is a secret');
    for (const path of ['patients', 'deletions', 'audit-events'])
      expect(await statusOf(`${await first.url()}/api/v1/${path}`, { headers })).toBe(200);
    expect(first.stdout).not.toContain('uncaught');
    expect(first.stderr).toBe('');
    const { mode } = await stat(join(dataDir, 'development-signing-key.json'));
    expect(mode & 0o777).toBe(0o600);
    const pid = (await embeddedServerPid(dataDir)) ?? 0;
    first.kill('SIGKILL');
    expect(await first.ends()).toBe('SIGKILL');
    expect(isRunning(pid)).toBe(true);

    const second = start();
    await second.says(/^Silgi is running/m);
    expect(await embeddedServerPid(dataDir)).toBe(pid);
    const patient = /patients\/([0-9a-f-]{36})\/deletions'/.exec(banner)?.[1] ?? '';
    expect(await statusOf(`${await second.url()}/api/v1/patients/${patient}`, { headers })).toBe(410);
    second.kill('SIGINT');
    expect(await second.ends()).toBe(0);
    await until(() => !isRunning(pid));
  }, 90_000);

  it('starts the server again when that dies', async () => {
    const service = start({ DEMO_DATA: 'false' });
    const headers = await bearer(service);
    const pid = (await embeddedServerPid(dataDir)) ?? 0;
    process.kill(pid, 'SIGKILL');
    await service.says(/had died and was started again/);
    const url = await service.url();
    await until(async () => (await statusOf(`${url}/health/ready`)) === 200);
    expect(await statusOf(`${url}/api/v1/patients`, { headers })).toBe(200);
    const again = (await embeddedServerPid(dataDir)) ?? 0;
    expect(again).not.toBe(pid);
    service.kill('SIGTERM');
    expect(await service.ends()).toBe(0);
    await until(() => !isRunning(again));
  });

  it('says in one line that its port is taken, and leaves no server behind', async () => {
    const thief = createServer().listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const { port } = thief.address() as AddressInfo;
    const service = start({ PORT: String(port) });
    expect(await service.ends()).toBe(1);
    expect(service.stderr).toBe(
      `Port ${port} of 127.0.0.1 is in use: set PORT to another one, or end the program that uses it.\n`,
    );
    expect(await embeddedServerPid(dataDir)).toBeUndefined();
    thief.close();
  });
});

describe('the service on a database that is given', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await database.drop();
  });

  it('finishes the deletion that is running when it is told to stop', async () => {
    const service = start({ DATABASE_URL: database.url });
    const headers = { ...(await bearer(service)), 'Content-Type': 'application/json' };
    const url = await service.url();
    expect(service.stdout).toContain('There is no live patient yet');
    expect(service.stdout).not.toContain(new URL(database.url).password);
    const patientId = await seedPatient(database, 1);
    const blocker = await database.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE', [
      patientId,
    ]);
    const deletion = fetch(`${url}/api/v1/patients/${patientId}/deletions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(REQUEST),
    });
    await until(async () => {
      const waiting = await database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return waiting.length > 0;
    });
    service.kill('SIGTERM');
    await service.says(/SIGTERM: stopping/);
    await until(() =>
      statusOf(`${url}/health/live`).then(
        () => false,
        () => true,
      ),
    );
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect((await deletion).status).toBe(201);
    expect(await service.ends()).toBe(0);
    for (const { live } of Object.values(await countRows(database, patientId))) expect(live).toBe(0);
  });

  it('goes at once when it is told a second time', async () => {
    const service = start({ DATABASE_URL: database.url });
    const { port } = new URL(await service.url());
    await service.says(/^Silgi is running/m);
    // A request that never ends: its body does not come.
    const endless = connect(Number(port), '127.0.0.1');
    endless.on('error', () => undefined);
    endless.write('POST /api/v1/patients HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
    endless.write('Content-Length: 10\r\n\r\n{');
    await once(endless, 'ready');
    service.kill('SIGINT');
    await service.says(/SIGINT: stopping/);
    // npm passes Ctrl-C on, so that the same one comes twice within a moment: that is no second one.
    service.kill('SIGINT');
    let ended = false;
    const end = service.ends().finally(() => (ended = true));
    await until(() => {
      service.kill('SIGTERM');
      return ended;
    });
    expect(await end).toBe(143);
    endless.destroy();
  });

  it('answers while the database is away, and can be stopped', async () => {
    const away = new URL(database.url);
    away.port = '2';
    const service = start({ DATABASE_URL: away.href });
    const url = await service.url();
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    await until(async () => {
      const response = await fetch(`${url}/health/ready`);
      expect(response.status).toBe(503);
      return (await response.text()).includes('DATABASE_UNREACHABLE');
    });
    expect(await statusOf(`${url}/docs`)).toBe(200);
    service.kill('SIGTERM');
    expect(await service.ends()).toBe(0);
  });
});

/** With an issuer that is never asked. */
const IN_PRODUCTION = {
  NODE_ENV: 'production',
  AUTH_JWKS: 'https://id.hospital.example/jwks',
  AUTH_ISSUER: 'i',
  AUTH_AUDIENCE: 'a',
};

describe('the start', () => {
  it.each([
    ['PORT', { PORT: 'many' }],
    ['HOST', { HOST: '0.0.0.0' }],
    ['AUTH_JWKS', { NODE_ENV: 'production' }],
    ['AUDIT_LOG_ORIGIN', { ...IN_PRODUCTION, CONTROLLER_NAME: 'Şifa' }],
    ['CONTROLLER_NAME', { ...IN_PRODUCTION, AUDIT_LOG_ORIGIN: 'hospital.example/audit-log' }],
    ['AUTH_JWKS', { AUTH_JWKS: 'nowhere.json', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' }],
  ])('refuses a wrong %s in one line', async (name, env) => {
    const service = start(env);
    expect(await service.ends()).toBe(2);
    expect(service.stderr).toMatch(new RegExp(`^${name} [^\\n]*must [^\\n]+\\n$`));
    expect(service.stdout).toBe('');
    expect(await embeddedServerPid(dataDir)).toBeUndefined();
  });

  it('refuses a wrong retention policy with every fault in it', async () => {
    const path = join(dataDir, 'retention.yaml');
    await writeFile(path, WHOLE.replace('P18M', 'P4W').replace('on: 2026-11-30', 'on: 9999-12-31'));
    const service = start({ RETENTION_POLICY: path });
    expect(await service.ends()).toBe(2);
    expect(service.stderr.split('\n')).toEqual([
      expect.stringMatching(
        `^${path}:3:56: signedOff / on: is in the future: today is \\d{4}-\\d\\d-\\d\\d$`,
      ),
      expect.stringMatching(`^${path}:14:25: rules / Supply / keep: must be whole years`),
      'The retention policy is not in force, and nothing was changed.',
      '',
    ]);
    expect(service.stdout).toBe('');
    expect(await embeddedServerPid(dataDir)).toBeUndefined();
  });
});
