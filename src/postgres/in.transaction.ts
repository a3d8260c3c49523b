import type { EntityManager } from 'typeorm';
import { PipelinedConnection } from './pipeline/index.js';

/** The server answered COMMIT with another tag: a statement had failed, and nobody said so (RELIABILITY rule 4). */
export class NotCommitted extends Error {
  constructor(tag: string | undefined) {
    super(`The server answered COMMIT with ${tag ?? 'nothing'}. Nothing was changed.`);
  }
}

/** Whether the database has been opened: that happens behind the start of the service. */
export function isOpen({ dataSource }: EntityManager): boolean {
  return dataSource.isInitialized;
}

/**
 * Runs work in a transaction of its own, for lists and logs of Silgi's own. Patients' rows are changed by actions of
 * the protocol and by nothing else.
 *
 * @param limits a statement that sets something for this transaction
 * @throws what the work threw, with the transaction rolled back
 * @throws NotCommitted where the server did not commit; its own error, or that of a lost connection, where COMMIT fails
 */
export async function inTransaction<T>(
  { dataSource }: EntityManager,
  work: (manager: EntityManager) => Promise<T>,
  limits?: string,
): Promise<T> {
  const connection = await PipelinedConnection.take(dataSource);
  // Until it has ended: a connection that may still be in a transaction is not given back (rule 7).
  let isBroken = true;
  try {
    await connection.begin({ isolation: 'READ COMMITTED', ...(limits !== undefined && { limits }) });
    let result: T;
    try {
      result = await work(connection.manager);
    } catch (error) {
      await connection.end('ROLLBACK').then(
        () => (isBroken = false),
        () => undefined,
      );
      throw error;
    }
    const tag = await connection.end('COMMIT');
    isBroken = false;
    if (tag !== 'COMMIT') throw new NotCommitted(tag);
    return result;
  } finally {
    await connection.release({ isBroken });
  }
}
