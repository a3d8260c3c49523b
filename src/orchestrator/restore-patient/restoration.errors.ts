import { SilgiError } from '../../common/index.js';
import type { FailurePoint } from '../../protocol/index.js';
import type { Blocker } from '../../shards/index.js';

/** Why a restoration is refused. The codes are stable. */
export const RESTORATION_REFUSALS = [
  /** One or more shards voted NO; all their vetoes are listed. */
  'VETOED',
  /** The deletion is older than the window (RESTORE_WINDOW_DAYS). */
  'WINDOW_OVER',
  /** The window is 0: nothing is restored here. */
  'SWITCHED_OFF',
  'ALREADY_RESTORED',
  'ALREADY_DESTROYED',
  /** A value that has to be unique belongs to somebody else by now. */
  'VALUE_TAKEN',
  /** What a row refers to is not there any more. */
  'REFERENCE_GONE',
] as const;
export type RestorationRefusal = (typeof RESTORATION_REFUSALS)[number];

/** What is known of a refusal beside its code. */
export interface RefusalDetails extends ErrorOptions {
  readonly blockers?: readonly Blocker[];
  /** The step, shard and table at which a row was refused. */
  readonly point?: FailurePoint;
}

/** The deletion is not undone. Nothing was changed. */
export class RestorationRefused extends SilgiError {
  readonly code = 'RESTORATION_REFUSED';
  readonly blockers: readonly Blocker[];
  readonly point: FailurePoint | undefined;

  /** @param why one sentence, for people */
  constructor(
    readonly refusal: RestorationRefusal,
    why: string,
    { blockers = [], point, ...options }: RefusalDetails = {},
  ) {
    super(`${why} Nothing was changed.`, options);
    this.blockers = blockers;
    this.point = point;
  }
}
