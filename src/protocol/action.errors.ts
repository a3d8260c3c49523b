import { SilgiError } from '../common/index.js';
import type { ShardName } from '../shards/index.js';
import type { Phase, Run, RunIds } from './action.js';

/** Where a run stood when it failed. */
export interface FailurePoint {
  readonly phase: Phase;
  readonly shard: ShardName;
  /** The step of the protocol, as the action declares it. */
  readonly step: string;
  readonly table?: string;
}

/** A failure at a known point of the protocol, after which everything was rolled back. */
export abstract class ActionFailed extends SilgiError {
  constructor(
    message: string,
    readonly point: FailurePoint,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A shard failed for a reason of its own. */
export class ShardFailed extends ActionFailed {
  readonly code = 'SHARD_FAILED';
  constructor(what: string, point: FailurePoint, options?: ErrorOptions) {
    super(`${what} Everything was rolled back; no row of this patient was changed.`, point, options);
  }
}

/** The database cannot be reached, a lock or statement timed out, or the retries are used up. */
export class ShardUnavailable extends ActionFailed {
  readonly code = 'SHARD_UNAVAILABLE';
  /** True for a serialization failure or deadlock, after which the whole unit may run again. */
  readonly retryable: boolean;
  constructor(what: string, point: FailurePoint, options?: ErrorOptions & { retryable?: boolean }) {
    super(`${what} Nothing was changed; try again later.`, point, options);
    this.retryable = options?.retryable ?? false;
  }
}

/**
 * COMMIT was sent and its outcome could not be learnt in time. Neither a success nor a failure: the edge
 * answers 202 and says where the truth will be found (docs/adr/0006-unknown-outcome.md).
 */
export class OutcomePending extends ActionFailed {
  readonly code = 'SHARD_UNAVAILABLE';
  readonly ids: RunIds;
  constructor({ name, ids }: Run, point: FailurePoint, options?: ErrorOptions) {
    super(
      `The database was lost while the ${name} was being committed; its outcome is not known yet.`,
      point,
      options,
    );
    this.ids = ids;
  }
}
