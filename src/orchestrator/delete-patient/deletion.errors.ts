import { SilgiError } from '../../common/index.js';
import { ActionFailed, type FailurePoint } from '../../protocol/index.js';
import type { Blocker } from '../../shards/index.js';

/** One or more shards voted NO in Prepare; all their vetoes are listed. */
export class DeletionVetoed extends SilgiError {
  readonly code = 'DELETION_VETOED';
  constructor(readonly blockers: readonly Blocker[]) {
    super(`The deletion was vetoed (${blockers.map((b) => b.code).join(', ')}). Nothing was changed.`);
  }
}

/** The patient's rows changed between the preview and the deletion. */
export class PreviewOutdated extends SilgiError {
  readonly code = 'PREVIEW_OUTDATED';
  constructor() {
    super('The patient has changed since the preview. Nothing was changed; ask for a new preview.');
  }
}

/** The same Idempotency-Key came with another request. */
export class IdempotencyKeyReused extends SilgiError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('This Idempotency-Key was used for another request. Nothing was changed; use a new key.');
  }
}

/** The fail-fast guard: not exactly one demographics row was marked by this deletion. */
export class DemographicsNotDeleted extends ActionFailed {
  readonly code = 'DEMOGRAPHICS_NOT_DELETED';
  constructor(marked: number, point: FailurePoint) {
    super(
      `The demographics record could not be marked as deleted (${marked} rows marked, 1 expected). ` +
        'All clinical and finance marks were rolled back; no row of this patient was changed.',
      point,
    );
  }
}
