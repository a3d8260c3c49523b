import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Pipeline } from './pipeline.js';
import type { PipelinedClient } from './pipelined.client.js';
import { StatementFailed } from './statement.batch.js';

/** The server's word behind a command that ended a transaction. */
export type CommandTag = string | undefined;

/** `T` in a transaction that is well, `E` in one in which a statement has failed, `I` in none. */
export type TransactionStatus = 'T' | 'E' | 'I' | null;

/** What a transaction is begun with. */
export interface Characteristics {
  readonly isolation: 'READ COMMITTED';
  /** A statement that sets the limits of this transaction. */
  readonly limits?: string;
}

/**
 * A connection of the pool for one transaction: all that the protocol knows of the driver. It is given back once, and
 * one that may still be in a transaction is closed instead (RELIABILITY rule 7).
 */
export class PipelinedConnection {
  private constructor(
    private readonly queryRunner: QueryRunner,
    private readonly client: PipelinedClient,
  ) {}

  /** Takes a connection of the pool. @throws as the pool does where there is none in time */
  static async take(dataSource: DataSource): Promise<PipelinedConnection> {
    const queryRunner = dataSource.createQueryRunner();
    try {
      return new PipelinedConnection(queryRunner, (await queryRunner.connect()) as PipelinedClient);
    } catch (error) {
      await queryRunner.release();
      throw error;
    }
  }

  get manager(): EntityManager {
    return this.queryRunner.manager;
  }

  /** The server's process. */
  get backendPid(): number | undefined {
    return (this.client as unknown as { processID?: number }).processID;
  }

  /** From now on what is asked of {@link manager} waits for others to share its message. */
  openPipeline(): Pipeline {
    return this.client.openPipeline();
  }

  /**
   * Begins the transaction. A session of the pool may have gone half-open since it was last used: where it has not
   * answered lately, that shows in the first of these statements, after one limit of silence.
   */
  async begin({ isolation, limits }: Characteristics): Promise<void> {
    // What a repository begins by itself becomes a savepoint, and no second transaction.
    Object.assign(this.queryRunner, { isTransactionActive: true, transactionDepth: 1 });
    const start = {
      text: `START TRANSACTION ISOLATION LEVEL ${isolation}`,
      values: [],
      isAnsweredAtOnce: !this.client.hasAnsweredLately,
    };
    try {
      await this.client.batch(limits === undefined ? [start] : [start, { text: limits, values: [] }]);
    } catch (error) {
      throw error instanceof StatementFailed ? error.cause : error;
    }
  }

  /** Ends the transaction. @returns the server's own tag: `ROLLBACK` behind a COMMIT of what had failed (rule 4) */
  async end(command: 'COMMIT' | 'ROLLBACK'): Promise<CommandTag> {
    return (await this.session.query(command)).command;
  }

  /** Whether the last answer, behind which nothing was asked, was that of a transaction that is well. */
  get isKnownToBeWell(): boolean {
    return this.client.knownStatus === 'T' && !this.client.isHoldingBack;
  }

  /** The status of the transaction behind everything that was asked so far. */
  async status(): Promise<TransactionStatus> {
    // Whoever has asked nothing comes to its end in its turn.
    if (this.client.isHoldingBack) await this.client.batch([]);
    return (this.client.knownStatus ?? (await this.askStatus())) as TransactionStatus;
  }

  private async askStatus(): Promise<string | null> {
    // An error reaches the caller a moment before the server's word that it is ready, which holds the status.
    if ((this.client as unknown as { readyForQuery: boolean }).readyForQuery)
      return this.client.getTransactionStatus();
    await this.session.query('');
    return this.client.getTransactionStatus();
  }

  /** The same client, by the types of `pg`. */
  private get session(): pg.Client {
    return this.client;
  }

  /** Gives the connection back. It throws nothing: what was committed on it stays so (RELIABILITY rule 30). */
  async release({ isBroken }: { isBroken: boolean }): Promise<void> {
    if (isBroken) void this.client.end().catch(() => undefined);
    await this.queryRunner.release().catch(() => this.client.end().catch(() => undefined));
  }
}
