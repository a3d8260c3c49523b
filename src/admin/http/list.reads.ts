import type { Response } from 'express';
import { Semaphore } from '../../protocol/index.js';
import { ListsBusy } from './request.errors.js';
import { whileAsked } from './while.asked.js';

/** So many lists of one kind are read at a time: the other connections are there for deletions and everything else. */
const AT_A_TIME = 2;
const WAIT_MS = 5_000;
/** With the database's own limit of a statement, 10 s. */
const WITHIN_MS = 15_000;

/**
 * Lists of one kind that callers of the API ask for (RELIABILITY rule 32): however slow the table is, they hold two
 * connections of the pool, and each ends when whoever asked has gone. Who comes when it is full waits, without one.
 */
export class ListReads {
  private readonly semaphore = new Semaphore(AT_A_TIME, 0);

  /**
   * @param response of the call that asks
   * @throws ListsBusy where no place came free in time
   * @throws ScanEnded where the caller has gone; what the read throws
   */
  read<Result>(response: Response, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const limit = { what: 'A list', withinMs: WITHIN_MS, instead: 'ask for less' };
    return whileAsked(response, limit, async (signal) => {
      if (!(await this.semaphore.enter('INTERACTIVE', { withinMs: WAIT_MS, signal }))) {
        signal.throwIfAborted();
        throw new ListsBusy();
      }
      try {
        return await work(signal);
      } finally {
        this.semaphore.leave('INTERACTIVE');
      }
    });
  }
}
