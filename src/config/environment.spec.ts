import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { assertSignInIsSafe, ENVIRONMENT_VARIABLES, readEnvironment } from './environment.js';
import { ConfigurationError } from './configuration.error.js';
import { assertIsNamed } from './controller.js';

const issuer = {
  AUTH_JWKS: 'https://id.example/jwks',
  AUTH_ISSUER: 'https://id.example',
  AUTH_AUDIENCE: 'silgi',
};

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).message;
  }
  throw new Error('Expected a ConfigurationError.');
}

describe('readEnvironment', () => {
  it('answers with the defaults when nothing is set, and counts empty strings as unset', () => {
    const defaults = readEnvironment({});
    expect(defaults).toEqual({
      databaseUrl: undefined,
      migrationDatabaseUrl: undefined,
      dataDir: resolve('.data'),
      demoData: true,
      host: '127.0.0.1',
      port: 3000,
      tokenIssuer: undefined,
      rolesClaim: 'roles',
      logLevel: 'info',
      nodeEnv: 'development',
      swaggerUi: true,
      auditLog: {
        keyFile: resolve('.data/audit-log-signing-key.pem'),
        keyIsGiven: false,
        origin: 'silgi.example/audit-log',
        checkpointsFile: resolve('.data/audit-log-checkpoints.txt'),
      },
      tracesUrl: undefined,
      limits: {
        requestsPerMinute: 1_200,
        failedSignInsPerMinute: 60,
        requestTimeoutMs: 30_000,
        maxConnections: 1_000,
        maxConnectionsPerAddress: 200,
        trustedProxies: [],
      },
      batch: { concurrency: 4, leaseMs: 30_000, retentionDays: 90 },
      restoreWindowDays: 30,
      timeZone: 'Europe/Istanbul',
      deletionVetoes: [],
    });
    const empty = Object.fromEntries(ENVIRONMENT_VARIABLES.map((name) => [name, '']));
    expect(readEnvironment(empty)).toEqual(defaults);
  });

  it('refuses vetoes of Silgi’s own tables beside a declaration of others', () => {
    const message = messageOf(() =>
      readEnvironment({ DECLARATION: 'silgi.yaml', DELETION_VETOES: 'UNPAID_BALANCE' }),
    );
    expect(message).toMatch(
      /^DELETION_VETOES are about .* DECLARATION names others; unset one of the two\.$/,
    );
  });

  it('takes the vetoes of the shards with commas between', () => {
    const { deletionVetoes } = readEnvironment({ DELETION_VETOES: 'UNPAID_BALANCE, OPEN_EXAMINATION' });
    expect(deletionVetoes).toEqual(['UNPAID_BALANCE', 'OPEN_EXAMINATION']);
  });

  it('cannot be changed afterwards', () => {
    const environment = readEnvironment({ ...issuer });
    expect(Object.isFrozen(environment)).toBe(true);
    expect(Object.isFrozen(environment.tokenIssuer)).toBe(true);
  });

  it('passes a database URL on untouched, migrates with it, and loads no demo data there', () => {
    const url = 'postgresql://silgi:p%40ss@db.example:6432/hospital?sslmode=require';
    const environment = readEnvironment({ DATABASE_URL: url });
    expect(environment).toMatchObject({ databaseUrl: url, migrationDatabaseUrl: url, demoData: false });
    expect(readEnvironment({ DATABASE_URL: url, DEMO_DATA: 'true' }).demoData).toBe(true);
    const owner = 'postgres://owner@db.example/hospital';
    expect(readEnvironment({ DATABASE_URL: url, MIGRATION_DATABASE_URL: owner }).migrationDatabaseUrl).toBe(
      owner,
    );
  });

  it('takes port 0 and makes paths absolute', () => {
    const environment = readEnvironment({ ...issuer, PORT: '0', DATA_DIR: 'x/y', AUTH_JWKS: 'keys.json' });
    expect(environment.port).toBe(0);
    expect(environment.dataDir).toBe(resolve('x/y'));
    expect(isAbsolute(environment.tokenIssuer?.jwks ?? '')).toBe(true);
    expect(readEnvironment({ ...issuer }).tokenIssuer?.jwks).toBe(issuer.AUTH_JWKS);
  });

  it('hides Swagger UI in production unless told otherwise', () => {
    expect(readEnvironment({ NODE_ENV: 'production' }).swaggerUi).toBe(false);
    expect(readEnvironment({ NODE_ENV: 'production', SWAGGER_UI: 'true' }).swaggerUi).toBe(true);
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'postgres://silgi:hunter2@db:port/x'],
    ['MIGRATION_DATABASE_URL', 'hunter2'],
    ['DEMO_DATA', 'hunter2'],
    ['HOST', 'hunter2 host'],
    ['PORT', '65536'],
    ['PORT', '3000.5'],
    ['PORT', '-1'],
    ['AUTH_JWKS', 'https://'],
    ['LOG_LEVEL', 'hunter2'],
    ['NODE_ENV', 'hunter2'],
    ['SWAGGER_UI', '1'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://hunter2@collector'],
    ['OTEL_SDK_DISABLED', 'yes'],
    ['RATE_LIMIT_PER_MINUTE', '0'],
    ['RATE_LIMIT_PER_MINUTE', '1e3'],
    ['FAILED_SIGN_INS_PER_MINUTE', '-5'],
    ['REQUEST_TIMEOUT_MS', '99'],
    ['MAX_CONNECTIONS', 'hunter2'],
    ['BATCH_RETENTION_DAYS', '0'],
    ['BATCH_RETENTION_DAYS', '-90'],
    ['BATCH_RETENTION_DAYS', '3651'],
    ['BATCH_RETENTION_DAYS', 'hunter2'],
    ['RESTORE_WINDOW_DAYS', '-1'],
    ['DELETION_VETOES', 'ALL'],
    ['DELETION_VETOES', 'OPEN_EXAMINATION,'],
    ['DELETION_VETOES', 'open_examination'],
    ['RESTORE_WINDOW_DAYS', '3651'],
    ['RESTORE_WINDOW_DAYS', '30.5'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '2'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.7,hunter2'],
  ])('refuses %s=%s in one line that names the variable and not the value', (name, value) => {
    const message = messageOf(() => readEnvironment({ [name]: value }));
    expect(message).toMatch(new RegExp(`^${name} must be `));
    expect(message).not.toMatch(/\n|hunter2/);
  });

  it('takes the limits, and the proxies that are trusted', () => {
    const env = { RATE_LIMIT_PER_MINUTE: '7', MAX_CONNECTIONS: '9', TRUST_PROXY: '10.0.0.7, fd00::/8' };
    expect(readEnvironment(env).limits).toMatchObject({
      requestsPerMinute: 7,
      maxConnections: 9,
      trustedProxies: ['10.0.0.7', 'fd00::/8'],
    });
  });

  it('sends traces where the variables of OpenTelemetry say', () => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    const own = { ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in' };
    expect(readEnvironment(base).tracesUrl).toBe('http://collector:4318/v1/traces');
    expect(readEnvironment(own).tracesUrl).toBe('https://traces.example/in');
    expect(readEnvironment({ ...own, OTEL_SDK_DISABLED: 'true' }).tracesUrl).toBeUndefined();
  });

  it('names every wrong variable in the same line', () => {
    expect(messageOf(() => readEnvironment({ PORT: 'x', LOG_LEVEL: 'x' }))).toMatch(
      /^PORT must.*; LOG_LEVEL must/,
    );
  });

  it.each(['AUTH_JWKS', 'AUTH_ISSUER', 'AUTH_AUDIENCE'])(
    'refuses a token issuer that is only half described: %s missing',
    (name) => {
      expect(messageOf(() => readEnvironment({ ...issuer, [name]: '' }))).toMatch(
        new RegExp(`^${name} must be set`),
      );
    },
  );
});

describe('assertSignInIsSafe', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', 'LocalHost'])(
    'lets own tokens pass on %s',
    (HOST) => {
      expect(() => {
        assertSignInIsSafe(readEnvironment({ HOST }));
      }).not.toThrow();
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.7', '127.0.0.1.example.org', 'localhost.example.org', '127.0.0.256'])(
    'refuses own tokens on %s',
    (HOST) => {
      expect(
        messageOf(() => {
          assertSignInIsSafe(readEnvironment({ HOST }));
        }),
      ).toMatch(/^HOST must/);
    },
  );

  it('refuses own tokens in production', () => {
    expect(
      messageOf(() => {
        assertSignInIsSafe(readEnvironment({ NODE_ENV: 'production' }));
      }),
    ).toMatch(/^AUTH_JWKS must/);
  });

  it('refuses keys of the issuer that come without TLS in production, but for those of this machine', () => {
    const production = { ...issuer, NODE_ENV: 'production' };
    const check = (AUTH_JWKS: string) => () => {
      assertSignInIsSafe(readEnvironment({ ...production, AUTH_JWKS }));
    };
    expect(messageOf(check('http://id.example/jwks'))).toMatch(/^AUTH_JWKS must be an https URL/);
    for (const jwks of ['http://127.0.0.1:8080/jwks', 'http://[::1]/jwks', 'keys.json'])
      expect(check(jwks)).not.toThrow();
  });

  it('lets an issuer of the operator pass anywhere', () => {
    expect(() => {
      assertSignInIsSafe(readEnvironment({ ...issuer, NODE_ENV: 'production', HOST: '0.0.0.0' }));
    }).not.toThrow();
  });
});

describe('assertIsNamed', () => {
  const ORIGIN = { AUDIT_LOG_ORIGIN: 'hospital.example/audit-log' };
  const CONTROLLER = { CONTROLLER_NAME: 'Örnek Şifa Hastanesi' };
  const check = (env: NodeJS.ProcessEnv) => () => {
    assertIsNamed(readEnvironment(env));
  };

  it.each([
    ['the log', CONTROLLER, /^AUDIT_LOG_ORIGIN [^\n]+ must be set in production[^\n]+$/],
    ['the controller', ORIGIN, /^CONTROLLER_NAME [^\n]+ must be set in production[^\n]+$/],
    ['both', {}, /^AUDIT_LOG_ORIGIN [^\n]+ and CONTROLLER_NAME [^\n]+ must be set[^\n]+$/],
  ])('refuses production where %s has no name, in one line', (_, env, line) => {
    expect(messageOf(check({ ...env, NODE_ENV: 'production' }))).toMatch(line);
    expect(check({ ...env, NODE_ENV: 'development' })).not.toThrow();
  });

  it('lets production pass with both names', () => {
    expect(check({ ...ORIGIN, ...CONTROLLER, NODE_ENV: 'production' })).not.toThrow();
  });
});

describe('the controller', () => {
  it('is what the variables say; a name alone is enough, and nothing is one without a name', () => {
    const contact = { CONTROLLER_REGISTRATION: 'VERBİS 1', CONTROLLER_CONTACT: 'kvkk@hospital.example' };
    expect(readEnvironment({ CONTROLLER_NAME: 'Şifa', ...contact }).controller).toEqual({
      name: 'Şifa',
      registration: 'VERBİS 1',
      contact: 'kvkk@hospital.example',
    });
    const bare = { name: 'Şifa', registration: null, contact: null };
    expect(readEnvironment({ CONTROLLER_NAME: 'Şifa' }).controller).toEqual(bare);
    expect(readEnvironment(contact).controller).toBeUndefined();
  });

  it.each(['two\nlines', 'a\u202eb', ' ', 'x'.repeat(256)])('is never called %j', (CONTROLLER_NAME) => {
    expect(messageOf(() => readEnvironment({ CONTROLLER_NAME }))).toMatch(
      /^CONTROLLER_NAME must be one line/,
    );
  });
});

describe('.env.example', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

  it('lists exactly the variables that are read, each with a comment above it', () => {
    const lines = example.split('\n');
    const names = lines.flatMap((line, index) => {
      const name = /^([A-Z_]+)=/.exec(line)?.[1];
      if (name !== undefined) expect(lines[index - 1]).toMatch(/^# \S/);
      return name ?? [];
    });
    expect(names).toEqual(ENVIRONMENT_VARIABLES);
  });

  it('shows the defaults', () => {
    expect(readEnvironment(parseEnv(example) as NodeJS.ProcessEnv)).toEqual(readEnvironment({}));
  });
});
