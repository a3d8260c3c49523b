import type { EntityManager, QueryRunner } from 'typeorm';
import type { PipelinedClient } from './pipeline/index.js';

/**
 * Runs reads on one session of the pool that end with the signal: the connection is closed, for which the server ends
 * its statement within a second.
 *
 * @throws what the work threw; the reason of the signal where that was the cause
 */
export async function onOneSession<T>(
  { dataSource }: EntityManager,
  work: (queryRunner: QueryRunner, client: PipelinedClient) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const client = (await queryRunner.connect()) as PipelinedClient;
    const cut = () => {
      client.cut();
    };
    signal?.throwIfAborted();
    // Not on every system: there, a statement whose client has gone ends when it has its rows.
    await queryRunner.query("SET client_connection_check_interval = '1s'").catch(() => undefined);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', cut);
    try {
      return await work(queryRunner, client);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cut);
      // A session that is lost takes its settings with it, and the first error is the one that counts.
      await queryRunner.query('RESET client_connection_check_interval').catch(() => undefined);
    }
  } finally {
    await queryRunner.release();
  }
}
