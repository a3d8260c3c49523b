import type { Spread } from './statistics.js';

/** What ought to cost the same in a hospital of any size. */
export interface LevelCost {
  readonly name: string;
  /** Median in a hospital of each size, in milliseconds. */
  readonly milliseconds: readonly number[];
  /** Of the largest to the smallest: the spread of the ratios of each turn. */
  readonly ratio: Spread;
  /** Whether it was promised to be level. */
  readonly isPromised: boolean;
}

/** Work on all there is, in a hospital of one size, while patients are deleted one by one. */
export interface LinearFigures {
  /** Median of some times. */
  readonly milliseconds: number;
  readonly times: number;
  /** p50 of deletions at the same pace on the idle service just before, and beside the work; in milliseconds. */
  readonly idleMs: number;
  readonly deletionMs: number;
  /** The longest answer to the question whether the service lives, meanwhile. */
  readonly liveMs: number;
  /** By how many bytes the resident memory of the service was larger at most than before. */
  readonly growth: number;
  /** The most memory of a command, in megabytes. */
  readonly commandMegabytes?: number;
}

export interface LinearCost {
  readonly name: string;
  readonly unit: 'patient' | 'event';
  /** By size. */
  readonly sizes: readonly LinearFigures[];
}

/** What becomes of each cost as the hospital grows. */
export interface Growth {
  /** Live patients, and as many deleted ones; ascending. */
  readonly sizes: readonly number[];
  readonly rowsOfAPatient: number;
  /** How long each hospital took to be made. */
  readonly fillSeconds: readonly number[];
  readonly level: readonly LevelCost[];
  readonly linear: readonly LinearCost[];
}

/** Memory in bytes, of the service process. */
interface Watched {
  readonly seconds: number;
  readonly liveMs: number;
  readonly rssBefore: number;
  readonly rssPeak: number;
}

/** What has to be made up for at once. */
export interface CatchUp {
  /** Events that nobody has sealed yet. */
  readonly backlog: Watched & { readonly events: number };
  /** A log with a checkpoint for each event. */
  readonly checkpoints: {
    readonly count: number;
    readonly madeInSeconds: number;
    readonly api: Watched;
    readonly command: { readonly seconds: number; readonly peakMegabytes: number };
  };
}
