import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { DeletionVeto } from '../common/index.js';
import { BATCH_VARIABLES, batchOf, type BatchSettings } from './batch.settings.js';
import { assertCertificatesAreChecked, processWideChecks } from './certificate.checks.js';
import { ConfigurationError } from './configuration.error.js';
import { type Controller, CONTROLLER_VARIABLES, controllerOf } from './controller.js';
import { assertVetoesFit, deletionVetoes } from './deletion.vetoes.js';
import { limitsOf, TRAFFIC_VARIABLES, type TrafficLimits } from './traffic.limits.js';
import { wholeNumber } from './whole.number.js';

const TOKEN_TYPES = ['access', 'at+jwt', 'any'] as const;
/**
 * What a token has to say of its kind: that it is an access token, by whatever sign (`access`); the same by the
 * `typ` of RFC 9068 (`at+jwt`); or nothing, as long as it is of no other kind (`any`).
 */
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Where bearer tokens are checked: an issuer of the operator's own. */
export interface TokenIssuer {
  /** `http(s)` URL of the JSON Web Key Set, or the absolute path of a file with one. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  readonly tokenType: TokenType;
}

/** Where the audit log is sealed: its key, its name, and the copy of its checkpoints outside the database. */
export interface AuditLogSettings {
  /** Absolute path of the key that signs checkpoints: a PEM file. */
  readonly keyFile: string;
  /** Whether the operator named the key: such a one is never made by the service. */
  readonly keyIsGiven: boolean;
  /** Name of this log, which no other log has; undefined in production where it was not given. */
  readonly origin: string | undefined;
  /** Absolute path of the file to which every checkpoint is appended. */
  readonly checkpointsFile: string;
}

/** What the process was told, parsed once and frozen. */
export interface Environment {
  /** Login of the service; undefined means the embedded server. */
  readonly databaseUrl: string | undefined;
  /** Login that migrates; the service's own where no other was given. */
  readonly migrationDatabaseUrl: string | undefined;
  /** Absolute path of the hospital's declaration of its own tables; undefined where patients stand in Silgi's. */
  readonly declaration: string | undefined;
  /** Absolute path of the retention policy; undefined where the default one is in force. */
  readonly retentionPolicy: string | undefined;
  /** Absolute path of the folder for the embedded database and the key made at start. */
  readonly dataDir: string;
  /** Whether demo patients are loaded into an empty database. */
  readonly demoData: boolean;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** undefined means that the service signs its own tokens, see {@link assertSignInIsSafe}. */
  readonly tokenIssuer: TokenIssuer | undefined;
  readonly rolesClaim: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly nodeEnv: (typeof NODE_ENVIRONMENTS)[number];
  /** Whether Swagger UI and the OpenAPI document are served. */
  readonly swaggerUi: boolean;
  readonly auditLog: AuditLogSettings;
  /** Whom certificates name as the controller; in production always there, see {@link assertIsNamed}. */
  readonly controller: Controller | undefined;
  /** Where an OpenTelemetry collector takes traces by OTLP over HTTP; undefined means that nothing is traced. */
  readonly tracesUrl: string | undefined;
  readonly limits: TrafficLimits;
  readonly batch: BatchSettings;
  /** Days after a deletion in which it may be undone; 0: none is. */
  readonly restoreWindowDays: number;
  /** Which reasons of their own the shards have to refuse a deletion. */
  readonly deletionVetoes: readonly DeletionVeto[];
  /** The zone in whose days the periods of data subjects' requests are counted: a name of the IANA's database. */
  readonly timeZone: string;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const NODE_ENVIRONMENTS = ['development', 'test', 'production'] as const;
/** The name of a log that nobody relies on. */
const EXAMPLE_ORIGIN = 'silgi.example/audit-log';
const LOOPBACK = /^(?:localhost|::1|\[::1\]|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})$/i;

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((value) => value === 'true');

const postgresUrl = z
  .string()
  .refine((value) => /^postgres(?:ql)?:\/\/./.test(value) && URL.canParse(value), {
    error: 'must be a URL such as postgres://user:password@host:5432/database (value not shown)',
  });

const text = z.string();

const httpUrl = text.refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), {
  error: 'must be an http(s) URL such as http://127.0.0.1:4318',
});

/** Messages never hold the value: DATABASE_URL may carry a password. */
const schema = z.object({
  DATABASE_URL: postgresUrl.optional(),
  MIGRATION_DATABASE_URL: postgresUrl.optional(),
  DECLARATION: text.optional(),
  DATA_DIR: text.default('.data'),
  DEMO_DATA: flag.optional(),
  HOST: text.regex(/^[\w.:[\]%-]+$/, { error: 'must be a host name or an IP address' }).default('127.0.0.1'),
  PORT: text
    .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number)
    .default(3000),
  AUTH_JWKS: text
    .refine((value) => !/^https?:/i.test(value) || URL.canParse(value), {
      error: 'must be an http(s) URL or the path of a file',
    })
    .optional(),
  AUTH_ISSUER: text.optional(),
  AUTH_AUDIENCE: text.optional(),
  AUTH_TOKEN_TYPE: z
    .enum(TOKEN_TYPES, { error: `must be one of ${TOKEN_TYPES.join(', ')}` })
    .default('access'),
  AUTH_ROLES_CLAIM: text.default('roles'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  NODE_ENV: z
    .enum(NODE_ENVIRONMENTS, { error: `must be one of ${NODE_ENVIRONMENTS.join(', ')}` })
    .default('development'),
  SWAGGER_UI: flag.optional(),
  ...TRAFFIC_VARIABLES,
  ...BATCH_VARIABLES,
  RESTORE_WINDOW_DAYS: wholeNumber(0, 3_650).default(30),
  RETENTION_POLICY: text.optional(),
  TIME_ZONE: text
    .refine(isTimeZone, { error: 'must be a time zone of the IANA such as Europe/Istanbul' })
    .default('Europe/Istanbul'),
  DELETION_VETOES: deletionVetoes.default([]),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  OTEL_SDK_DISABLED: flag.optional(),
  AUDIT_LOG_KEY: text.optional(),
  AUDIT_LOG_ORIGIN: text
    .regex(/^[\w.~-]+(?:[:/][\w.~-]+)*$/, { error: 'must be a name such as hospital.example/audit-log' })
    .optional(),
  AUDIT_LOG_CHECKPOINTS: text.optional(),
  ...CONTROLLER_VARIABLES,
});

/** The names of all variables that are read; `.env.example` lists the same. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(schema.shape);

/**
 * Parses the environment. An empty string counts as unset.
 *
 * @param env variables by name, usually `process.env`
 * @throws ConfigurationError one line that names every wrong variable and what is expected of it, never its value
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const given = Object.fromEntries(
    ENVIRONMENT_VARIABLES.filter((name) => env[name] !== undefined && env[name] !== '').map((name) => [
      name,
      env[name],
    ]),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigurationError(`${lines.join('; ')}.`);
  }
  assertCertificatesAreChecked({ ...given, ...processWideChecks(env) });
  const values = parsed.data;
  assertVetoesFit(values);
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    migrationDatabaseUrl: values.MIGRATION_DATABASE_URL ?? values.DATABASE_URL,
    declaration: values.DECLARATION === undefined ? undefined : resolve(values.DECLARATION),
    retentionPolicy: values.RETENTION_POLICY === undefined ? undefined : resolve(values.RETENTION_POLICY),
    dataDir: resolve(values.DATA_DIR),
    demoData: values.DEMO_DATA ?? values.DATABASE_URL === undefined,
    host: values.HOST,
    port: values.PORT,
    tokenIssuer: tokenIssuerOf(values),
    rolesClaim: values.AUTH_ROLES_CLAIM,
    logLevel: values.LOG_LEVEL,
    nodeEnv: values.NODE_ENV,
    swaggerUi: values.SWAGGER_UI ?? values.NODE_ENV !== 'production',
    auditLog: auditLogOf(values),
    controller: controllerOf(values),
    tracesUrl: tracesUrlOf(values),
    limits: limitsOf(values),
    batch: batchOf(values),
    restoreWindowDays: values.RESTORE_WINDOW_DAYS,
    deletionVetoes: values.DELETION_VETOES,
    timeZone: values.TIME_ZONE,
  });
}

/** An offset such as +03:00 is none: it knows no summer time. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** As OpenTelemetry has it: the endpoint of traces is used as it is, the general one is the base of it. */
function tracesUrlOf(values: z.infer<typeof schema>): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = values;
  if (values.OTEL_SDK_DISABLED === true) return undefined;
  return traces ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
}

function auditLogOf(values: z.infer<typeof schema>): AuditLogSettings {
  const { DATA_DIR, AUDIT_LOG_KEY: key, AUDIT_LOG_CHECKPOINTS: checkpoints } = values;
  return Object.freeze({
    keyFile: resolve(key ?? join(DATA_DIR, 'audit-log-signing-key.pem')),
    keyIsGiven: key !== undefined,
    origin: values.AUDIT_LOG_ORIGIN ?? (values.NODE_ENV === 'production' ? undefined : EXAMPLE_ORIGIN),
    checkpointsFile: resolve(checkpoints ?? join(DATA_DIR, 'audit-log-checkpoints.txt')),
  });
}

/** AUTH_JWKS, AUTH_ISSUER and AUTH_AUDIENCE are given together or not at all. */
function tokenIssuerOf(values: z.infer<typeof schema>): TokenIssuer | undefined {
  const { AUTH_JWKS: jwks, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = values;
  if (jwks === undefined && issuer === undefined && audience === undefined) return undefined;
  if (jwks === undefined)
    throw new ConfigurationError(
      'AUTH_JWKS must be set where AUTH_ISSUER or AUTH_AUDIENCE is: the URL or file of the issuer’s keys.',
    );
  if (issuer === undefined)
    throw new ConfigurationError('AUTH_ISSUER must be set where AUTH_JWKS is: the `iss` of the tokens.');
  if (audience === undefined)
    throw new ConfigurationError('AUTH_AUDIENCE must be set where AUTH_JWKS is: the `aud` of the tokens.');
  const { AUTH_TOKEN_TYPE: tokenType } = values;
  return Object.freeze({ jwks: /^https?:/i.test(jwks) ? jwks : resolve(jwks), issuer, audience, tokenType });
}

/**
 * Refuses to serve with tokens signed by the service itself anywhere but on a developer's machine: without
 * AUTH_JWKS only outside production and on a loopback address (API.md, Sign-in). In production the issuer's keys
 * come over TLS, from this machine, or from a file: whoever can change them on the way makes tokens of their own.
 * Commands that open no port need not ask.
 *
 * @throws ConfigurationError naming the variable to change
 */
export function assertSignInIsSafe(environment: Environment): void {
  if (environment.tokenIssuer !== undefined) {
    assertKeysArriveUnchanged(environment.tokenIssuer, environment.nodeEnv);
    return;
  }
  if (environment.nodeEnv === 'production')
    throw new ConfigurationError(
      'AUTH_JWKS must be set in production: the URL or file of the issuer’s keys.',
    );
  if (!LOOPBACK.test(environment.host))
    throw new ConfigurationError(
      'HOST must be a loopback address (127.0.0.1, ::1, localhost) as long as AUTH_JWKS is not set.',
    );
}

function assertKeysArriveUnchanged({ jwks }: TokenIssuer, nodeEnv: Environment['nodeEnv']): void {
  if (nodeEnv !== 'production' || !/^http:/i.test(jwks) || LOOPBACK.test(new URL(jwks).hostname)) return;
  throw new ConfigurationError('AUTH_JWKS must be an https URL or a file in production.');
}

/** Adds the variables of a file `.env` in the working folder, where there is one, to those that are not set. */
export function loadEnvironmentFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new ConfigurationError(`The file .env could not be read: ${(error as Error).message}.`);
  }
}
