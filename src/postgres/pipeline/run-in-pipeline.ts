import type { EntityManager } from 'typeorm';
import { TableFailure } from '../../common/index.js';
import type { PipelinedClient } from './pipelined.client.js';
import { StatementFailed } from './statement.batch.js';

/** A statement on one table; parameters and results are in PostgreSQL's own text. */
export interface TableStatement {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** Named where the statement fails; undefined where it is about several. */
  readonly table?: string;
}

/** The rows of one statement. */
export type TextRows = readonly (readonly (string | null)[])[];

/**
 * Runs statements one after the other on the manager's own connection, and waits for the server once. A statement
 * that fails is the last that is executed.
 *
 * @returns the rows of each statement
 * @throws TableFailure with the table of the statement that failed and the database's error as its cause
 */
export async function runInPipeline(
  manager: EntityManager,
  statements: readonly TableStatement[],
): Promise<TextRows[]> {
  const client = (await manager.queryRunner?.connect()) as PipelinedClient;
  try {
    return await client.batch(statements);
  } catch (error) {
    if (!(error instanceof StatementFailed)) throw error;
    const table = statements[error.index]?.table;
    throw table === undefined ? error.cause : new TableFailure(table, error.cause);
  }
}
