import type { EntityManager } from 'typeorm';
import type { PipelinedClient } from './pipeline/index.js';

/**
 * Runs reads of whole tables on one session of the pool, without the limits that keep every other statement short.
 * The limits are back when the session is.
 */
export async function unhurried<T>(
  { dataSource }: EntityManager,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    const client = (await queryRunner.connect()) as PipelinedClient;
    const { silenceLimitMs } = client;
    await queryRunner.query('SET statement_timeout = 0');
    client.silenceLimitMs = 0;
    try {
      return await work(queryRunner.manager);
    } finally {
      client.silenceLimitMs = silenceLimitMs;
      // A session that is lost takes its settings with it, and the first error is the one that counts.
      await queryRunner.query('RESET statement_timeout').catch(() => undefined);
    }
  } finally {
    await queryRunner.release();
  }
}
