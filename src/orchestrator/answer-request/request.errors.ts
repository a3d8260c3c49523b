import { SilgiError } from '../../common/index.js';
import type { RequestState } from '../../patient/index.js';

/** The request is fulfilled, refused or withdrawn. */
export class ErasureRequestClosed extends SilgiError {
  readonly code = 'ERASURE_REQUEST_CLOSED';
  constructor(readonly state: RequestState) {
    super(`This erasure request is ${state} already. Nothing was changed.`);
  }
}

/** The request came on a day that has not come yet. */
export class NotReceivedYet extends SilgiError {
  readonly code = 'VALIDATION_FAILED';
  constructor(readonly today: string) {
    super(`No request can have been received after today, ${today}. Nothing was recorded.`);
  }
}

/** Why the time of a request is not extended. Codes. */
export const EXTENSION_REFUSALS = ['EXTENDED_BEFORE', 'PERIOD_OVER'] as const;
export type ExtensionRefusal = (typeof EXTENSION_REFUSALS)[number];

/** The time of the request is not extended: once is all that GDPR 12(3) knows, and within the first period. */
export class ExtensionRefused extends SilgiError {
  readonly code = 'EXTENSION_REFUSED';
  /** @param dueOn the day by which it has to be answered */
  constructor(
    readonly refusal: ExtensionRefusal,
    readonly dueOn: string,
  ) {
    super(
      refusal === 'EXTENDED_BEFORE'
        ? `This erasure request was extended before, to ${dueOn}; there is one extension. Nothing was changed.`
        : `This erasure request had to be answered or extended by ${dueOn}. Nothing was changed; answer it now.`,
    );
  }
}
