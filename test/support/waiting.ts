import type { TestDatabase } from './database.js';
import { until } from './processes.js';

/** Returns once somebody waits for a lock of this session. @param pid of its server process */
export function isWaitedFor(database: TestDatabase, pid: number | undefined): Promise<void> {
  return until(async () => {
    const waiting = await database.query(
      'SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
      [pid],
    );
    return waiting.length > 0;
  });
}
