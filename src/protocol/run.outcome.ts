import { SilgiError } from '../common/index.js';
import { OutcomePending } from './action.errors.js';

/** How a run that failed is called in metrics, logs and traces: PENDING, or the code of the error. */
export function outcomeOfError(error: unknown): string {
  if (error instanceof OutcomePending) return 'PENDING';
  return error instanceof SilgiError ? error.code : 'INTERNAL_ERROR';
}
