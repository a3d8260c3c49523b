import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { adoptDeclaration } from '../adoption/index.js';
import { AppModule } from '../app.module.js';
import type { Environment } from '../config/index.js';
import { DatabaseLifecycle, migrate, MigrationError } from '../postgres/index.js';
import { EmbeddedServer, EmbeddedServerError } from '../embedded-postgres/index.js';
import { CommandFailed, SessionRefused } from '../common/index.js';
import { type RetentionPolicy, retentionPolicyOf } from '../retention/index.js';
import { adoptedTables, ANCHOR } from '../shards/index.js';
import { Interruption } from './interruption.js';

/** A command speaks for itself; what fails is thrown, not the end of the process. */
const QUIET = Object.freeze({ logger: ['error' as const, 'fatal' as const], abortOnError: false });

/** What a command gets to work on the database with. */
export interface DatabaseSession {
  /** The application without its web server; its pool is open and its database of this release. */
  readonly app: INestApplicationContext;
  /** Asked at every safe point whether somebody wants the command to stop. */
  readonly interruption: Interruption;
}

/**
 * Opens the database for one command and closes everything behind it, however the command ends: the database of
 * DATABASE_URL, else the embedded server, which is adopted where it runs already and stopped where nobody else
 * uses it. It works as the login that owns the tables (MIGRATION_DATABASE_URL where there is one), since the
 * service's own may not add patients. A signal does not cut the work: it ends at its own next safe point.
 *
 * @param environment the environment, read and checked
 * @param work runs on the open, migrated database
 * @throws CommandFailed when the database cannot be opened; nothing was changed then but migrations applied
 */
export function withDatabase<T>(
  environment: Environment,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  return withApplication(environment, (url, policy) => openMigrated(url, environment, policy), work);
}

/**
 * The same for a command that only looks: nothing is migrated and no privilege is put right before it has looked,
 * so that it sees the database as it is.
 *
 * @param role what its sessions work as, where the login may; the login's own privileges unless told
 * @throws CommandFailed when the database cannot be opened, or is not of this release
 */
export function withDatabaseAsItIs<T>(
  environment: Environment,
  work: (session: DatabaseSession) => Promise<T>,
  role?: string,
): Promise<T> {
  return withApplication(environment, (url, policy) => openAsItIs(url, environment, policy, role), work);
}

async function withApplication<T>(
  environment: Environment,
  openApplication: (url: string, policy: RetentionPolicy) => Promise<INestApplicationContext>,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  if (environment.declaration !== undefined) await adoptDeclaration(environment.declaration);
  const policy = await retentionPolicyOf(environment);
  const interruption = new Interruption();
  let server: EmbeddedServer | undefined;
  let app: INestApplicationContext | undefined;
  try {
    try {
      if (environment.databaseUrl === undefined)
        server = await EmbeddedServer.start({ dataDir: environment.dataDir });
      app = await openApplication(server?.url ?? environment.migrationDatabaseUrl ?? '', policy);
    } catch (error) {
      throw openingFailure(error);
    }
    interruption.assertNone('Interrupted before anything was done.');
    return await work({ app, interruption });
  } finally {
    await app?.close();
    await server?.stop();
    interruption.dispose();
  }
}

async function openAsItIs(
  url: string,
  { deletionVetoes }: Environment,
  policy: RetentionPolicy,
  role?: string,
): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(
    AppModule.forDatabase(url, role, deletionVetoes, policy),
    QUIET,
  );
  try {
    const pending = await app.get(DatabaseLifecycle).openAsItIs();
    if (pending.length === 0) return app;
    throw new CommandFailed(
      `The database is not of this release: ${pending.length} migrations are pending (${pending.join(', ')}). Nothing ` +
        'was changed and nothing looked at; run `npx silgi migrate`, or start the service, and try again.',
    );
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function openMigrated(
  url: string,
  { deletionVetoes }: Environment,
  policy: RetentionPolicy,
): Promise<INestApplicationContext> {
  // Once here, where a database that is down is an error: the service's own start waits for it without end.
  await migrate(url, undefined, adoptedTables() && ANCHOR);
  const app = await NestFactory.createApplicationContext(
    AppModule.forDatabase(url, undefined, deletionVetoes, policy),
    QUIET,
  );
  await app.get(DatabaseLifecycle).open(url);
  return app;
}

/**
 * What is said where the database could not be opened. No statement on patients has run yet: the database's own words
 * hold no patient data.
 */
export function openingFailure(error: unknown): unknown {
  const speaks = [EmbeddedServerError, MigrationError, CommandFailed];
  if (speaks.some((kind) => error instanceof kind)) return error;
  if (error instanceof SessionRefused)
    return new CommandFailed(`${error.message} Nothing was changed.`, 1, { cause: error });
  const source = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const said = source instanceof Error ? source.message.split('\n', 1)[0] : 'no reason was given';
  return new CommandFailed(
    `The database could not be opened: ${said ?? ''}. Nothing was changed. Check that the server runs and that ` +
      'DATABASE_URL names it rightly, or unset DATABASE_URL to use the embedded one.',
    1,
    { cause: error },
  );
}
