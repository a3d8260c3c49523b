import { OutcomePending } from './action.errors.js';
import { SilgiError } from '../common/index.js';
import type { RunEnd } from './step.observer.js';

/**
 * How a run ended, in one word for metrics, logs and traces: DELETED or REPLAYED for a deletion, DONE for anything
 * else that succeeded, PENDING where the outcome of the commit is not known yet, or the code of the error.
 */
export function outcomeOf(end: RunEnd): string {
  if ('result' in end) {
    const { replayed } = (end.result ?? {}) as { replayed?: boolean };
    if (replayed === undefined) return 'DONE';
    return replayed ? 'REPLAYED' : 'DELETED';
  }
  if (end.error instanceof OutcomePending) return 'PENDING';
  // The type says so, but a unit's own work may have thrown anything outside its steps.
  return (end.error as unknown) instanceof SilgiError ? end.error.code : 'INTERNAL_ERROR';
}
