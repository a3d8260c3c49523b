import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { migrate, pendingMigrations } from './migrator.js';
import type { Settings } from './session.settings.js';

const RETRY_AFTER_MS = 2_000;
/** A server that takes a connection and then says nothing is given up and tried again. */
const ANSWER_WITHIN_MS = 10_000;

/** What readiness says of the database. */
export interface DatabaseReadiness {
  readonly database: 'up' | 'down';
  readonly migrations: 'applied' | 'pending' | 'unknown';
  /** For people and without secrets; undefined where all is well. */
  readonly problem?: string;
}

/** Opens the database as soon as it can be reached, and tells how it is. */
export class DatabaseLifecycle implements OnApplicationShutdown {
  private readonly log = new Logger('Database');
  private readonly stopping = new AbortController();
  private problem: string | undefined = 'The database has not been opened yet.';

  /** @param role what the pool's sessions work as; their login's own privileges where it is undefined */
  constructor(
    private readonly dataSource: DataSource,
    private readonly role: string | undefined,
  ) {}

  /**
   * Migrates and opens the pool, again and again until both succeed: a database that is down at start is waited
   * for while the service answers that it is not ready.
   *
   * @param migrationUrl login that owns the tables
   * @returns whether the database is open; false where the service was stopped before
   */
  async open(migrationUrl: string): Promise<boolean> {
    while (!this.stopping.signal.aborted) {
      try {
        await migrate(migrationUrl, (line) => {
          this.log.log(line);
        });
        await answered(this.openPool());
        this.problem = undefined;
        return true;
      } catch (error) {
        this.problem = error instanceof Error ? firstLine(error) : 'The database could not be opened.';
        this.log.warn(`${this.problem} Trying again every ${RETRY_AFTER_MS / 1000} s.`);
        await pause(RETRY_AFTER_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  /** Opens the pool and changes nothing. @returns the migrations of this release that the database does not have */
  async openAsItIs(): Promise<string[]> {
    await this.dataSource.initialize();
    return pendingMigrations(this.dataSource);
  }

  /** Asks the database itself, every time. Never throws. */
  async readiness(): Promise<DatabaseReadiness> {
    if (!this.dataSource.isInitialized) {
      return {
        database: 'down',
        migrations: 'unknown',
        ...(this.problem !== undefined && { problem: this.problem }),
      };
    }
    try {
      const pending = await pendingMigrations(this.dataSource);
      return pending.length === 0
        ? { database: 'up', migrations: 'applied' }
        : { database: 'up', migrations: 'pending', problem: `Not applied: ${pending.join(', ')}.` };
    } catch (error) {
      const problem = error instanceof Error ? firstLine(error) : 'The database did not answer.';
      return { database: 'down', migrations: 'unknown', problem };
    }
  }

  private async openPool(): Promise<void> {
    await this.assumeRole();
    // An attempt that was given up may have come to its end after all.
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
  }

  /** Lets every session of the pool work as the least privileged role that its login may take. */
  private async assumeRole(): Promise<void> {
    const { role } = this;
    if (role === undefined) return;
    const { url, extra } = this.dataSource.options as { url: string; extra: { settings?: Settings } };
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_WITHIN_MS });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ may: boolean }>(
        `SELECT to_regrole($1) IS NOT NULL AND pg_has_role(session_user, to_regrole($1), 'MEMBER') AS may`,
        [role],
      );
      if (rows[0]?.may === true)
        this.dataSource.setOptions({ extra: { ...extra, settings: { ...extra.settings, role } } });
      else
        this.log.warn(`The login of the service is no member of ${role}; it works with its own privileges.`);
    } finally {
      await client.end();
    }
  }

  onApplicationShutdown(): void {
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
