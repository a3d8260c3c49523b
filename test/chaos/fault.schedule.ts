import { setTimeout as pause } from 'node:timers/promises';
import type { History } from './history.js';
import { Stream } from './stream.js';

/** One kind of fault and how often it comes. */
export interface FaultSource {
  readonly name: string;
  /** Mean milliseconds from the end of one to the beginning of the next. */
  readonly everyMs: number;
  /** Causes it, and mends what it broke. @returns what it hit; undefined where it hit nothing */
  strike(stream: Stream): Promise<string | undefined>;
}

/**
 * Lets every source strike again and again, each by a schedule of its own that is drawn from the seed; with pauses so
 * many times longer where faults shall be rarer.
 */
export class FaultSchedule {
  constructor(
    private readonly seed: string,
    private readonly sources: readonly FaultSource[],
    private readonly history: History,
    private readonly rarer: number,
  ) {}

  /** Strikes until the signal; returns once everything that was broken is mended. */
  async run(stopping: AbortSignal): Promise<void> {
    await Promise.all(this.sources.map((source) => this.runSource(source, stopping)));
  }

  private async runSource(source: FaultSource, stopping: AbortSignal): Promise<void> {
    const { name, everyMs } = source;
    for (let number = 0; ; number++) {
      const stream = new Stream(this.seed, 'fault', name, number);
      await pause(stream.gap(everyMs * this.rarer), undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
      const hit = await source.strike(stream).catch((error: unknown) => missed(error));
      const fired = typeof hit === 'string';
      this.history.append({
        kind: 'fault',
        source: name,
        fired,
        what: fired ? hit : (hit?.message ?? 'nothing to hit'),
      });
    }
  }
}

/** A fault may miss because another one was faster; what cannot be mended ends the run. */
function missed(error: unknown): Error {
  if (error instanceof BrokenForGood) throw error;
  return error instanceof Error ? error : new Error(String(error));
}

/** Something that a fault broke does not come back. */
export class BrokenForGood extends Error {}
