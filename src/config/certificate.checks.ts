import { ConfigurationError } from './configuration.error.js';

const URLS = ['DATABASE_URL', 'MIGRATION_DATABASE_URL'] as const;

/** What the process is told beside the settings of Silgi, of `pg` and of Node itself; what must not be in it, and why. */
const OF_THE_PROCESS = {
  PGSSLMODE: ['no-verify', 'the server’s certificate would not be checked'],
  NODE_TLS_REJECT_UNAUTHORIZED: [
    '0',
    'no certificate of any server would be checked; name your CA with NODE_EXTRA_CA_CERTS, that of the database in its URL',
  ],
} as const;

/** These variables alone. */
export function processWideChecks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.keys(OF_THE_PROCESS).map((name) => [name, env[name]]));
}

/**
 * Refuses settings with which `pg`, or Node for every connection of the process, encrypts without looking at the
 * certificate of the server: whoever is in the way could then be taken for the database, the issuer of tokens or the
 * collector of traces (ASVS V12.3.2).
 *
 * @throws ConfigurationError naming the variable
 */
export function assertCertificatesAreChecked(env: NodeJS.ProcessEnv): void {
  for (const name of URLS)
    if (isUnchecked(new URL(env[name] ?? 'postgres://').searchParams))
      throw new ConfigurationError(
        `${name} must not switch off the check of the server’s certificate (no-verify, uselibpqcompat): ` +
          'name the CA with sslmode=verify-full&sslrootcert=FILE.',
      );
  for (const [name, [value, why]] of Object.entries(OF_THE_PROCESS))
    if (env[name] === value) throw new ConfigurationError(`${name} must not be ${value}: ${why}.`);
}

/** The two ways of `pg`'s own; `uselibpqcompat` gives `require` and `prefer` the meaning that they have in libpq. */
function isUnchecked(parameters: URLSearchParams): boolean {
  return (
    parameters.getAll('sslmode').includes('no-verify') ||
    parameters.getAll('ssl').includes('no-verify') ||
    parameters.has('uselibpqcompat')
  );
}
