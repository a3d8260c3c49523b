import { z } from 'zod';
import {
  CASE_NUMBER,
  HOLD_GROUNDS,
  type HoldGround,
  NO_CASE_NUMBER,
  RELEASE_GROUNDS,
  type ReleaseGround,
} from '../common/index.js';
import type { Held, HoldOrchestrator } from '../orchestrator/index.js';
import { HOLD_STATES, type HoldState, type LegalHold, type LegalHolds } from '../patient/index.js';
import {
  type Asked,
  ASKED,
  askedBy,
  checked,
  checkedId,
  oneOf,
  PAGE,
  type SilgiPage,
  uuid,
} from './asked.js';

/** A patient who is to be held. */
export interface SilgiHold extends Asked {
  /** UUID. */
  readonly patientId: string;
  readonly ground: HoldGround;
  /** The number of the case: 1 to 64 letters, digits, blanks between them or `,./:_#()-`. Leave names and sentences out. */
  readonly reference: string;
}

/** A hold that is to be released. */
export interface SilgiHoldRelease extends Asked {
  /** UUID. */
  readonly patientId: string;
  /** UUID; `holdId` of the hold. */
  readonly holdId: string;
  readonly ground: ReleaseGround;
}

/** Which holds. */
export interface SilgiHoldPage extends SilgiPage {
  readonly state?: HoldState | undefined;
}

/**
 * Legal holds: while one stands, Silgi neither deletes nor restores the patient (docs/operations.md, "A legal hold"). Who
 * may place and release them is for the application to say. Reading throws the database's own error, where it cannot be read.
 */
export interface SilgiLegalHolds {
  /**
   * Holds a patient, live or deleted, with one audit event. Where a hold for the same case stands on the same ground, it
   * is answered with that one, `replayed`, and nothing is written.
   *
   * @throws SilgiError after which nothing has changed: ValidationFailed, PatientNotFound, PatientAlreadyDeleted where the
   *   hospital's own system hides him, ShardFailed, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back: {@link ofPatient} will tell
   */
  place(hold: SilgiHold): Promise<Held>;
  /**
   * Releases a hold, with one audit event. One that was released on the same ground before is answered as it is, `replayed`.
   *
   * @throws SilgiError after which nothing has changed: ValidationFailed, PatientNotFound, LegalHoldNotFound,
   *   LegalHoldReleased where it was on another ground, ShardFailed, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending as {@link place}
   */
  release(release: SilgiHoldRelease): Promise<Held>;
  /** Every hold of one patient, released ones too, newest first. @throws ValidationFailed, PatientNotFound */
  ofPatient(patientId: string): Promise<LegalHold[]>;
  /** Holds across patients, newest first. @param signal ends the reading @throws ValidationFailed */
  page(page: SilgiHoldPage, signal?: AbortSignal): Promise<LegalHold[]>;
}

const HOLD = z.strictObject({
  ...ASKED,
  patientId: uuid,
  ground: oneOf(HOLD_GROUNDS),
  reference: z.string({ error: NO_CASE_NUMBER }).regex(CASE_NUMBER, { error: NO_CASE_NUMBER }),
});
const RELEASE = z.strictObject({ ...ASKED, patientId: uuid, holdId: uuid, ground: oneOf(RELEASE_GROUNDS) });
const HOLD_PAGE = z.strictObject({ ...PAGE, state: oneOf(HOLD_STATES).optional() });

/** Holds as the application works with them. */
export function legalHoldsBy(orchestrator: HoldOrchestrator, holds: LegalHolds): SilgiLegalHolds {
  return {
    place: async (asked) => orchestrator.placeHold({ ...checked(HOLD, asked), ...askedBy(asked) }),
    release: async (asked) => orchestrator.releaseHold({ ...checked(RELEASE, asked), ...askedBy(asked) }),
    ofPatient: async (patientId) => holds.ofPatient(checkedId('patientId', patientId)),
    page: async (asked, signal) => holds.page(checked(HOLD_PAGE, asked), signal),
  };
}
