import type { EntityManager } from 'typeorm';
import { onOneSession } from './one.session.js';
import { LOCK_TIMEOUT } from './session.settings.js';

/**
 * Runs reads of whole tables on one session of the pool, without the limits that keep every other statement short; for
 * a lock it waits no longer than a deletion does. The limits are back when the session is.
 *
 * @param signal ends the work at once; see {@link onOneSession}
 * @throws what the work threw; the reason of the signal where that was the cause
 */
export function unhurried<T>(
  manager: EntityManager,
  work: (manager: EntityManager) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return onOneSession(
    manager,
    async (queryRunner, client) => {
      const { silenceLimitMs, statementTimeoutMs } = client;
      await queryRunner.query(`SET statement_timeout = 0; SET lock_timeout = '${LOCK_TIMEOUT}'`);
      client.silenceLimitMs = 0;
      try {
        return await work(queryRunner.manager);
      } finally {
        client.silenceLimitMs = silenceLimitMs;
        // The wait for locks is that of every session.
        const back =
          statementTimeoutMs === undefined
            ? 'RESET statement_timeout'
            : `SET statement_timeout = ${statementTimeoutMs}`;
        await queryRunner.query(back).catch(() => undefined);
      }
    },
    signal,
  );
}
