import {
  assertIsNamed,
  assertSignInIsSafe,
  ConfigurationError,
  type Environment,
  processWideChecks,
  readEnvironment,
} from '../config/index.js';
import { urlOf } from '../postgres/index.js';
import type { SilgiHttp, SilgiOptions } from './silgi.options.js';

type Value = string | number | boolean | undefined;

/** The variable of the service that means the same, by option: they are held to the same rules. */
function variablesOf(options: SilgiOptions): Readonly<Record<string, readonly [variable: string, Value]>> {
  const { migrations, http, sealing, batches, controller } = options;
  const url = urlOf(options.database);
  // Whoever writes JavaScript may leave out what the types demand.
  const auth: Partial<SilgiHttp['auth']> | undefined = http?.auth;
  return {
    'database.url': ['DATABASE_URL', url],
    'migrations.ownerUrl': ['MIGRATION_DATABASE_URL', migrations?.ownerUrl],
    'http.auth.jwks': ['AUTH_JWKS', auth?.jwks],
    'http.auth.issuer': ['AUTH_ISSUER', auth?.issuer],
    'http.auth.audience': ['AUTH_AUDIENCE', auth?.audience],
    'http.auth.tokenType': ['AUTH_TOKEN_TYPE', auth?.tokenType],
    'http.auth.rolesClaim': ['AUTH_ROLES_CLAIM', auth?.rolesClaim],
    'http.requestsPerMinute': ['RATE_LIMIT_PER_MINUTE', http?.requestsPerMinute],
    'http.failedSignInsPerMinute': ['FAILED_SIGN_INS_PER_MINUTE', http?.failedSignInsPerMinute],
    'http.trustedProxies': ['TRUST_PROXY', http?.trustedProxies?.join(',')],
    'http.swaggerUi': ['SWAGGER_UI', http?.swaggerUi ?? false],
    'sealing.keyFile': ['AUDIT_LOG_KEY', sealing?.keyFile],
    'sealing.origin': ['AUDIT_LOG_ORIGIN', sealing?.origin],
    'sealing.checkpointsFile': ['AUDIT_LOG_CHECKPOINTS', sealing?.checkpointsFile],
    'batches.concurrency': ['BATCH_CONCURRENCY', batches?.concurrency],
    'batches.leaseMs': ['BATCH_LEASE_MS', batches?.leaseMs],
    'batches.retentionDays': ['BATCH_RETENTION_DAYS', batches?.retentionDays],
    'controller.name': ['CONTROLLER_NAME', controller?.name],
    'controller.registration': ['CONTROLLER_REGISTRATION', controller?.registration],
    'controller.contact': ['CONTROLLER_CONTACT', controller?.contact],
    restoreWindowDays: ['RESTORE_WINDOW_DAYS', options.restoreWindowDays],
    retentionPolicy: ['RETENTION_POLICY', options.retentionPolicy],
    timeZone: ['TIME_ZONE', options.timeZone],
    deletionVetoes: ['DELETION_VETOES', options.deletionVetoes?.join(',')],
    tracesUrl: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', options.tracesUrl],
  };
}

/** Without an issuer the service would make tokens of its own, and without a key one of its own. */
const OF_HTTP = ['http.auth.jwks', 'http.auth.issuer', 'http.auth.audience'];
const OF_SEALING = ['sealing.keyFile', 'sealing.origin', 'sealing.checkpointsFile'];
const ALWAYS = ['database.url'];
const MOUNT_PATH = /^(?:\/[\w.~-]+)+$/;

/**
 * What the service would be told for the same. Of the process's own variables none is read but NODE_ENV and those that
 * would switch the check of certificates off.
 *
 * @throws ConfigurationError one line that names every wrong option and what is expected of it, never its value
 */
export function environmentOf(options: SilgiOptions): Environment {
  const variables = variablesOf(options);
  const given = Object.values(variables).map(([name, value]) => [
    name,
    value === undefined ? '' : `${value}`,
  ]);
  const needed = [
    ...ALWAYS,
    ...(options.http === undefined ? [] : OF_HTTP),
    ...(options.sealing === undefined ? [] : OF_SEALING),
  ];
  for (const option of needed)
    if ((variables[option]?.[1] ?? '') === '') throw new ConfigurationError(`${option} must be set.`);
  if (options.http !== undefined && !MOUNT_PATH.test(options.http.path))
    throw new ConfigurationError('http.path must be a path such as /silgi.');
  try {
    const environment = readEnvironment({
      ...(Object.fromEntries(given) as NodeJS.ProcessEnv),
      ...processWideChecks(process.env),
      NODE_ENV: nodeEnvironment(),
    });
    if (options.http !== undefined) assertSignInIsSafe(environment);
    if (options.http !== undefined && options.sealing !== undefined) assertIsNamed(environment);
    return environment;
  } catch (error) {
    throw error instanceof ConfigurationError ? inOptions(error, variables) : error;
  }
}

/** Whatever an application calls where it is at work is held to the rules of production. */
function nodeEnvironment(): string {
  const { NODE_ENV: name = 'development' } = process.env;
  return ['', 'development', 'test'].includes(name) ? name : 'production';
}

function inOptions(error: ConfigurationError, variables: ReturnType<typeof variablesOf>): ConfigurationError {
  const options = Object.entries(variables).map(([option, [name]]) => [name, option] as const);
  const byName = new Map(options);
  return new ConfigurationError(
    error.message.replace(/\b[A-Z][A-Z_]+\b/g, (name) => byName.get(name) ?? name),
    { cause: error },
  );
}
