import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { type Obstacle, obstacleOf } from '../common/index.js';
import { migrate, MigrationError, pendingMigrations } from './migrator.js';
import { assertOwnSessions } from './pipeline/index.js';

const RETRY_AFTER_MS = 2_000;
/** A server that takes a connection and then says nothing is given up and tried again. */
const ANSWER_WITHIN_MS = 10_000;

/** What readiness says of the database. */
export interface DatabaseReadiness {
  readonly database: 'up' | 'down';
  readonly migrations: 'applied' | 'pending' | 'unknown';
  /** Names of the migrations that are not applied. */
  readonly pending: readonly string[];
  /** Why nothing more is known; undefined where the migrations are. */
  readonly obstacle?: Obstacle | 'MIGRATION_FAILED';
  /** What was met there, where something was: for the service's own log. */
  readonly error?: unknown;
}

/** Those that it says itself, in a session that works. */
const SAID_BY_THE_DATABASE = new Set<string>([
  'TIMED_OUT',
  'LOCKED',
  'READ_ONLY',
  'PRIVILEGE_MISSING',
  'STATEMENT_FAILED',
]);

function notAsked(obstacle: Obstacle | 'MIGRATION_FAILED', error?: unknown): DatabaseReadiness {
  const database = SAID_BY_THE_DATABASE.has(obstacle) ? 'up' : 'down';
  return { database, migrations: 'unknown', pending: [], obstacle, error };
}

/** Opens the database as soon as it can be reached, and tells how it is. */
export class DatabaseLifecycle implements BeforeApplicationShutdown {
  private readonly log = new Logger('Database');
  private readonly stopping = new AbortController();
  /** Why it could not be opened so far. */
  private obstacle: Obstacle | 'MIGRATION_FAILED' = 'DATABASE_NOT_OPENED';

  /**
   * @param role what the pool's sessions work as; their login's own privileges where it is undefined
   * @param mustHave a table without which nothing is migrated
   */
  constructor(
    private readonly dataSource: DataSource,
    private readonly role: string | undefined,
    private readonly mustHave?: string,
  ) {}

  /**
   * Migrates and opens the pool, again and again until both succeed: a database that is down at start is waited
   * for while the service answers that it is not ready.
   *
   * @param migrationUrl login that owns the tables; undefined leaves them as they are, and readiness says what is pending
   * @returns whether the database is open; false where the service was stopped before
   */
  async open(migrationUrl: string | undefined): Promise<boolean> {
    while (!this.stopping.signal.aborted) {
      try {
        if (migrationUrl !== undefined)
          await migrate(
            migrationUrl,
            (line) => {
              this.log.log(line);
            },
            this.mustHave,
          );
        await answered(this.openPool());
        return !this.stopping.signal.aborted;
      } catch (error) {
        this.obstacle = error instanceof MigrationError ? 'MIGRATION_FAILED' : obstacleOf(error);
        const problem = error instanceof Error ? firstLine(error) : 'The database could not be opened.';
        this.log.warn(`${problem} Trying again every ${RETRY_AFTER_MS / 1000} s.`);
        await pause(RETRY_AFTER_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  /** Opens the pool and changes nothing. @returns the migrations of this release that the database does not have */
  async openAsItIs(): Promise<string[]> {
    await assertOwnSessions(this.url);
    await this.assumeRole();
    await this.dataSource.initialize();
    return pendingMigrations(this.dataSource);
  }

  /** Asks the database itself, every time. Never throws. */
  async readiness(): Promise<DatabaseReadiness> {
    if (!this.dataSource.isInitialized) return notAsked(this.obstacle);
    try {
      const pending = await pendingMigrations(this.dataSource);
      return { database: 'up', migrations: pending.length === 0 ? 'applied' : 'pending', pending };
    } catch (error) {
      return notAsked(obstacleOf(error), error);
    }
  }

  /** The role that the sessions were told to take; undefined where they work as their login. */
  get roleToTake(): string | undefined {
    const { extra } = this.dataSource.options as { extra?: { role?: string } };
    return extra?.role;
  }

  private get url(): string {
    return (this.dataSource.options as { url: string }).url;
  }

  private async openPool(): Promise<void> {
    await assertOwnSessions(this.url);
    await this.assumeRole();
    // An attempt that was given up may have come to its end after all.
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
    // Opened while the application was being closed, which then had no pool to close.
    if (this.stopping.signal.aborted) await this.dataSource.destroy().catch(() => undefined);
  }

  /** Lets every session of the pool work as the least privileged role that its login may take. */
  private async assumeRole(): Promise<void> {
    const { role } = this;
    if (role === undefined) return;
    const { extra } = this.dataSource.options as { extra: object };
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: ANSWER_WITHIN_MS });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ may: boolean }>(
        `SELECT pg_catalog.to_regrole($1) IS NOT NULL
           AND pg_catalog.pg_has_role(session_user, pg_catalog.to_regrole($1), 'MEMBER') AS may`,
        [role],
      );
      if (rows[0]?.may === true) this.dataSource.setOptions({ extra: { ...extra, role } });
      else
        this.log.warn(`The login of the service is no member of ${role}; it works with its own privileges.`);
    } finally {
      await client.end();
    }
  }

  /** Before the pool is closed: one that is opened after this is closed by whoever opens it. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }
}

/** An AggregateError of `connect` has an empty message; its first part says what happened. */
function firstLine(error: Error): string {
  const source = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  return source.message.split('\n', 1)[0] ?? source.name;
}

async function answered(opening: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const silence = pause(ANSWER_WITHIN_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`The database was reached and did not answer within ${ANSWER_WITHIN_MS / 1000} s.`);
  });
  try {
    await Promise.race([opening, silence]);
  } finally {
    limit.abort();
    silence.catch(() => undefined);
    opening.catch(() => undefined);
  }
}
