import type { EntityManager } from 'typeorm';
import { TableFailure } from '../../common/index.js';

/** A statement on one table; parameters and results are in PostgreSQL's own text. */
export interface TableStatement {
  readonly text: string;
  readonly values: readonly (string | null)[];
  /** Named where the statement fails; undefined where it is about several. */
  readonly table?: string;
}

/** The rows of one statement. */
export type TextRows = readonly (readonly (string | null)[])[];

/** A statement before it, in the same trip, has failed: the server has not looked at this one. */
export class StatementSkipped extends Error {
  constructor() {
    super('A statement before it has failed');
  }
}

/** The connection of a transaction, where it can run several statements in one trip. */
interface BatchingClient {
  batch(statements: readonly TableStatement[]): Promise<TextRows[]>;
}

/**
 * Runs statements one after the other on the manager's own connection, and waits for the server once. A statement
 * that fails is the last that is executed.
 *
 * @returns the rows of each statement
 * @throws TableFailure with the table of the statement that failed and the database's error as its cause
 */
export async function runInOneTrip(
  manager: EntityManager,
  statements: readonly TableStatement[],
): Promise<TextRows[]> {
  const client = (await manager.queryRunner?.connect()) as BatchingClient;
  try {
    return await client.batch(statements);
  } catch (error) {
    const { index, cause } = error as { index?: number; cause?: unknown };
    if (index === undefined) throw error;
    const table = statements[index]?.table;
    throw table === undefined ? cause : new TableFailure(table, cause);
  }
}
