import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DeletionBatches } from '../../batch/index.js';
import { verdictOn } from '../../common/index.js';
import { toItemDto } from './batch-item.dto.js';
import { toBatchDto } from './deletion-batch.dto.js';
import { Places } from '../http/places.js';
import { RateLimited } from '../http/request.errors.js';

/** Outcomes read at a time. */
export const MOST_OUTCOMES = 500;
const LOOK_EVERY_MS = 500;
/** Well below the time after which a silent connection is closed, here and at proxies. */
const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 100;
/** One person's, or one program's: the others have room left. */
const MOST_STREAMS_OF_ONE = 10;
const TRY_LATER_S = 5;
const TOO_MANY = {
  each: `You watch ${MOST_STREAMS_OF_ONE} batches at a time already, as many as one caller may: close one of the streams.`,
  all: `${MOST_STREAMS} streams are open, as many as this service has.`,
};

/** Open streams of server-sent events. They look into the database, so that it does not matter who works at the batch. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly places = new Places(MOST_STREAMS_OF_ONE, MOST_STREAMS);

  constructor(private readonly batches: DeletionBatches) {}

  /** Whoever listens comes back with `Last-Event-ID`, to this process or another. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  /**
   * Sends what happens in a batch until it has ended, the listener has left, or the service stops. Whoever has seen the
   * last outcome of a batch that has ended is answered 204, at which an EventSource comes back no more (WHATWG HTML,
   * 9.2.1).
   *
   * @param after number of the last outcome that the listener has seen
   * @param subject who listens
   * @throws BatchNotFound, RateLimited before anything is sent
   */
  async send(batchId: string, after: number, subject: string, response: Response): Promise<void> {
    const place = this.places.take(subject);
    if (typeof place === 'string') throw new RateLimited(TRY_LATER_S, TOO_MANY[place]);
    try {
      const { endedAt, lastSeq } = await this.batches.get(batchId);
      if (endedAt !== null && after >= Number(lastSeq)) response.status(204).end();
      else await this.stream(batchId, after, response);
    } finally {
      place();
    }
  }

  private async stream(batchId: string, after: number, response: Response): Promise<void> {
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const signal = AbortSignal.any([left.signal, this.stopping.signal]);
    try {
      await new EventStream(this.batches, response, signal).run(batchId, after);
    } finally {
      response.end();
    }
  }
}

/** One stream. */
class EventStream {
  private wroteAt = performance.now();
  private shown = '';

  constructor(
    private readonly batches: DeletionBatches,
    private readonly response: Response,
    private readonly signal: AbortSignal,
  ) {}

  async run(batchId: string, after: number): Promise<void> {
    this.response.status(200).type('text/event-stream');
    // A proxy that gathers the answer would show nothing until its end.
    this.response.set('X-Accel-Buffering', 'no').flushHeaders();
    let last = after;
    while (!this.signal.aborted) {
      const found = await this.look(batchId, last);
      if (found === 'over') return;
      last = found ?? last;
      if (performance.now() - this.wroteAt > HEARTBEAT_MS) await this.write(': still here\n\n');
      await pause(LOOK_EVERY_MS, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** @returns the number of the newest outcome sent; undefined where the database does not answer now */
  private async look(batchId: string, after: number): Promise<number | 'over' | undefined> {
    let last = after;
    try {
      // The batch first: where it has ended, all outcomes are there.
      const batch = await this.batches.get(batchId);
      for (let more = true; more && !this.signal.aborted;) {
        const outcomes = await this.batches.outcomesAfter(batchId, last, MOST_OUTCOMES);
        for (const outcome of outcomes) {
          last = Number(outcome.seq);
          await this.event('outcome', last, toItemDto(outcome));
        }
        more = outcomes.length === MOST_OUTCOMES;
      }
      const progress = JSON.stringify(toBatchDto(batch));
      if (progress !== this.shown) await this.event('progress', last, toBatchDto(batch));
      this.shown = progress;
      return batch.endedAt === null ? last : 'over';
    } catch (error) {
      if (verdictOn(error) === 'FAILED') throw error;
      return undefined;
    }
  }

  private event(name: string, id: number, data: object): Promise<void> {
    return this.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Waits for a listener that reads more slowly than things happen. */
  private async write(text: string): Promise<void> {
    this.wroteAt = performance.now();
    if (this.signal.aborted || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.response.off('drain', go);
        this.signal.removeEventListener('abort', go);
        resolve();
      };
      this.response.once('drain', go);
      this.signal.addEventListener('abort', go);
    });
  }
}
