import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The pool's clients at this moment. */
export interface PoolCount {
  /** Connections that are open. */
  readonly total: number;
  /** Those of them that wait for work. */
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  /** The most connections that may be open. */
  readonly limit: number;
}

/** Counts the clients of the service's one pool. */
@Injectable()
export class PoolUsage {
  constructor(private readonly dataSource: DataSource) {}

  /** All zeros, but for the limit, as long as the database has not been opened. */
  count(): PoolCount {
    const { poolSize = 0 } = this.dataSource.options as { poolSize?: number };
    const { master } = this.dataSource.driver as unknown as { master?: PgPool };
    return {
      total: master?.totalCount ?? 0,
      idle: master?.idleCount ?? 0,
      waiting: master?.waitingCount ?? 0,
      limit: poolSize,
    };
  }
}

interface PgPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}
