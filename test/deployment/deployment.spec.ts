import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

// No container engine runs in the tests: the files are held to what they promise as files.
const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const LIVENESS = '/api/v1/health/live';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment: Record<string, string>;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly networks?: string[];
  readonly configs?: { source: string; target: string }[];
  readonly healthcheck?: { test: string[] };
  readonly depends_on?: Record<string, { condition: string }>;
  readonly read_only?: boolean;
  readonly tmpfs?: string[];
  readonly privileged?: boolean;
  readonly command?: string[];
  readonly restart?: string;
  readonly stop_grace_period: string;
}
interface Compose {
  readonly services: { db: Service; migrate: Service; silgi: Service };
  readonly volumes: Record<string, unknown>;
  readonly configs: Record<string, { content: string }>;
  readonly networks: Record<string, { internal?: boolean }>;
}

const DOCKERFILE = read('Dockerfile');
const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(DOCKERFILE)?.[1] ?? '';

/** The instructions of the Dockerfile, a list for each stage. */
function stages(): { name: string; args: string }[][] {
  const lines = DOCKERFILE.replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const found: { name: string; args: string }[][] = [];
  for (const line of lines.filter((text) => text !== '')) {
    const [, name = '', args = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === 'FROM') found.push([]);
    found.at(-1)?.push({ name, args });
  }
  return found;
}

const [build = [], final = [], ...others] = stages();
const all = (stage: typeof build, name: string) =>
  stage.filter((one) => one.name === name).map(({ args }) => args);
const only = (stage: typeof build, name: string) => {
  const found = all(stage, name);
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

describe('the Dockerfile', () => {
  it('has two stages, on one image that is pinned by its exact version and its digest', () => {
    expect(others).toEqual([]);
    expect([only(build, 'FROM'), only(final, 'FROM')]).toEqual(['${NODE_IMAGE} AS build', '${NODE_IMAGE}']);
    expect(image).toMatch(/^node:22\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
  });

  it('uses a version of Node that package.json allows', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const [, least = ''] = /(?:^|\s)\^22\.(\d+)/.exec(engines.node) ?? [];
    expect(Number(/^node:22\.(\d+)/.exec(image)?.[1])).toBeGreaterThanOrEqual(Number(least));
  });

  it('installs from the lock file, builds, and leaves packages of development behind', () => {
    expect(all(build, 'RUN')).toEqual([
      'npm ci',
      'node bin/silgi.mjs --version',
      'npm prune --omit=dev --omit=optional',
    ]);
    expect(all(final, 'RUN')).toHaveLength(1);
  });

  it('has no npm at run time, and one folder that the service may write to', () => {
    const run = only(final, 'RUN');
    for (const program of ['/usr/local/lib/node_modules', '/usr/local/bin/npm', '/usr/local/bin/npx'])
      expect(run.split(/\s+/)).toContain(program);
    expect(run).toMatch(/install --directory --owner=1000 --group=1000 --mode=0700 \/data$/);
    expect(only(final, 'VOLUME')).toBe('/data');
    expect(only(final, 'ENV').split(' ')).toContain('DATA_DIR=/data');
    for (const instruction of ['CMD', 'HEALTHCHECK']) expect(only(final, instruction)).not.toMatch(/np[mx]/);
  });

  it('copies what exists, and what the build makes', () => {
    const sources = all(build, 'COPY').flatMap((args) => args.split(' ').slice(0, -1));
    expect(sources).toContain('package-lock.json');
    for (const source of sources) expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
    const made = [...sources.filter((source) => !source.includes('/')), 'node_modules', 'dist'];
    for (const args of all(final, 'COPY')) {
      const [, source = ''] = /^--from=build \/app\/(\S+) \.\/\S*$/.exec(args) ?? [];
      expect(made).toContain(source);
    }
    expect(all(final, 'COPY')).toHaveLength(4);
  });

  it('starts what the build writes, in exec form so that signals arrive', () => {
    const command = JSON.parse(only(final, 'CMD')) as string[];
    expect(command).toEqual(['node', 'bin/start.mjs']);
    const program = /launch\('(.+)\.js'\)/.exec(read('bin/start.mjs'))?.[1] ?? '';
    expect(existsSync(join(ROOT, 'src', `${program}.ts`))).toBe(true);
    expect(only(final, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(all(final, 'ENTRYPOINT')).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    // `exec`: a shell between npm and the service would keep SIGTERM to itself.
    expect(scripts['start']).toBe(`exec ${command.join(' ')}`);
  });

  it('runs in production and not as root', () => {
    expect(only(final, 'ENV').split(' ')).toEqual(
      expect.arrayContaining(['NODE_ENV=production', 'HOST=0.0.0.0', 'PORT=3000']),
    );
    const [user = '', group = ''] = only(final, 'USER').split(':');
    expect([Number(user), Number(group)]).toEqual([1000, 1000]);
    const order = final.map(({ name }) => name);
    expect(order.lastIndexOf('COPY')).toBeLessThan(order.indexOf('USER'));
  });

  it.each([
    [200, 0],
    [503, 1],
    [undefined, 1],
  ])('asks for its health with nothing but Node: %s is the exit code %i', async (status, exitCode) => {
    const [, command = ''] = /CMD (\[.*\])$/.exec(only(final, 'HEALTHCHECK')) ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    const asked: (string | undefined)[] = [];
    const service = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status ?? 500).end();
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo;
    if (status === undefined) service.close();
    expect(program).toBe('node');
    const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([exitCode, null]);
    expect(asked).toEqual(status === undefined ? [] : [LIVENESS]);
    service.close();
  });

  it('has the program silgi on its path', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(only(final, 'RUN')).toContain(`ln -s /app/${bin['silgi'] ?? ''} /usr/local/bin/silgi `);
    expect(statSync(join(ROOT, bin['silgi'] ?? '')).mode & 0o111).toBe(0o111);
  });
});

describe('.dockerignore', () => {
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('lets nothing into the build but what the Dockerfile copies', () => {
    const sources = all(build, 'COPY').flatMap((args) => args.split(' ').slice(0, -1));
    expect(lines[0]).toBe('*');
    expect(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))).toEqual(sources);
  });
});

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const compose = parse(text) as Compose;
  const { db, migrate, silgi } = compose.services;

  it('has PostgreSQL 18 by its digest, and the migration and the service, built here', () => {
    expect(Object.keys(compose.services)).toEqual(['db', 'migrate', 'silgi']);
    expect(db.image).toMatch(/^postgres:18\.\d+-bookworm@sha256:[0-9a-f]{64}$/);
    expect([migrate.build, silgi.build]).toEqual(['.', '.']);
  });

  it('migrates once when the database answers over the network, and starts the service after that', () => {
    expect(db.healthcheck?.test).toEqual(expect.arrayContaining(['CMD', 'pg_isready', '--host=127.0.0.1']));
    expect(migrate.depends_on).toEqual({ db: { condition: 'service_healthy' } });
    expect([migrate.command, migrate.restart]).toEqual([['silgi', 'migrate'], 'no']);
    expect(silgi.depends_on).toEqual({
      db: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
  });

  it('keeps the data of PostgreSQL 18 in a volume', () => {
    expect(db.volumes).toEqual(['data:/var/lib/postgresql']);
    expect(Object.keys(compose.volumes)).toEqual(['data', 'silgi']);
  });

  it('publishes one port, on loopback, and hides the database in a network of its own', () => {
    expect(db.ports).toBeUndefined();
    expect(silgi.ports).toHaveLength(1);
    expect(silgi.ports?.[0]).toMatch(/^127\.0\.0\.1:.*:3000$/);
    expect(db.networks).toEqual(['database']);
    expect(compose.networks['database']).toEqual({ internal: true });
    expect(silgi.networks).toContain('database');
  });

  it('gives the service a read-only file system, no privileges and time to stop', () => {
    for (const service of [migrate, silgi])
      expect(service).toMatchObject({
        read_only: true,
        tmpfs: ['/tmp'],
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        stop_grace_period: '70s',
      });
  });

  it('keeps what the service has to keep in a volume, where the image lets it write', () => {
    expect(silgi.volumes).toEqual([`silgi:${only(final, 'VOLUME')}`]);
    for (const service of [db, migrate, silgi]) expect(service.privileged).toBeUndefined();
  });

  it('holds no secret: passwords and sign-in come from outside and have no default', () => {
    const values = [db, migrate, silgi].flatMap(({ environment }) => Object.entries(environment));
    const secrets = values.filter(([name]) => /PASSWORD|URL|AUTH_(JWKS|ISSUER|AUDIENCE)/.test(name));
    expect(secrets).toHaveLength(7);
    for (const [, value] of secrets) expect(value).toMatch(/\$\{[A-Z_]+:\?[^}]+\}/);
    const withoutVariables = values.map(([, value]) => value.replace(/\$\{[^}]*\}/g, ''));
    for (const value of withoutVariables) expect(value).not.toMatch(/:\/\/[^/@]*:[^/@]+@/);
  });

  it('asks for the name of the audit log and of the controller, and passes on which proxies are trusted', () => {
    for (const name of ['AUDIT_LOG_ORIGIN', 'CONTROLLER_NAME'])
      expect(silgi.environment[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?`));
    expect(silgi.environment['TRUST_PROXY']).toBe('${TRUST_PROXY:-}');
  });

  it('names in its comment every variable that has to be set', () => {
    const required = new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name = '']) => name));
    expect(required.size).toBe(7);
    for (const name of required) expect(text).toMatch(new RegExp(`^# {3}${name}=\\S`, 'm'));
  });

  it('sets only variables that the service reads, and passes on only those and the passwords', () => {
    const known = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    for (const { environment } of [migrate, silgi])
      expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
    const passed = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    const ofCompose = ['POSTGRES_PASSWORD', 'SILGI_PASSWORD', 'DATABASE_TLS'];
    expect([...known, ...ofCompose]).toEqual(expect.arrayContaining(passed));
  });

  it('lets the service log in as a member of its role and know no other login', () => {
    expect(silgi.environment['DATABASE_URL']).toMatch(
      /^postgres:\/\/silgi:\$\{SILGI_PASSWORD.*@db:5432\/silgi\$\{DATABASE_TLS:-\}$/,
    );
    const ofService = JSON.stringify(silgi);
    for (const owner of ['MIGRATION_DATABASE_URL', 'POSTGRES_PASSWORD', 'silgi_admin'])
      expect(ofService).not.toContain(owner);
  });

  it('migrates as the owner, whose URL nothing else has', () => {
    expect(migrate.environment['MIGRATION_DATABASE_URL']).toMatch(
      /^postgres:\/\/silgi_admin:\$\{POSTGRES_PASSWORD.*@db:5432\/silgi\$\{DATABASE_TLS:-\}$/,
    );
    expect(db.environment).toMatchObject({ POSTGRES_USER: 'silgi_admin', POSTGRES_DB: 'silgi' });
    expect(db.configs).toEqual([
      { source: 'service-login', target: '/docker-entrypoint-initdb.d/service-login.sql' },
    ]);
    expect(compose.configs['service-login']?.content).toContain('IN ROLE silgi_service');
  });
});
