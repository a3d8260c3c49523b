import { SilgiError } from '../../common/index.js';

/** The hold was released before, on another ground. */
export class LegalHoldReleased extends SilgiError {
  readonly code = 'LEGAL_HOLD_RELEASED';
  /** @param on which ground; a code */
  constructor(
    readonly ground: string,
    readonly releasedAt: Date,
  ) {
    super(
      `This hold was released on ${releasedAt.toISOString()} (${ground}). Nothing was changed; place a new one where the ` +
        'patient has to be held again.',
    );
  }
}
