import type { AuditRepository } from '../../audit/index.js';
import {
  type HeldState,
  type LegalHold,
  LegalHoldNotFound,
  type LegalHoldRepository,
  PatientAlreadyDeleted,
  PatientNotFound,
} from '../../patient/index.js';
import type { Action, Transaction } from '../../protocol/index.js';
import { LegalHoldReleased } from './hold.errors.js';
import { HOLD_PLACEMENT, HOLD_RELEASE, HOLD_STEPS, type HoldStep } from './hold.steps.js';
import type { HoldPlacement, HoldRelease } from './legal-hold.js';

/** What a hold is written through. */
export interface HoldShards {
  readonly legalHolds: LegalHoldRepository;
  readonly audit: AuditRepository;
}

/** A hold as it is now; `replayed` where it was so before, and nothing was written. */
export interface Held {
  readonly hold: Readonly<LegalHold>;
  readonly replayed: boolean;
}

/**
 * Places a legal hold, with one audit event: it vetoes every later deletion and restoration of the patient.
 *
 * @throws PatientNotFound, PatientAlreadyDeleted within the run, where the hospital's own system has hidden him
 */
export function placeHold(shards: HoldShards, placement: HoldPlacement): Action<Held, HoldStep> {
  return run(shards, placement, HOLD_PLACEMENT, (holds, state) => {
    if (state === 'GONE') throw new PatientNotFound(placement.patientId);
    if (state === 'HIDDEN') throw new PatientAlreadyDeleted(placement.patientId, null);
    const standing = placement.standingAmong(holds);
    if (standing !== undefined) return { hold: standing, replayed: true };
    return { hold: placement.hold(), replayed: false };
  });
}

/**
 * Releases a legal hold, with one audit event, whatever has become of the patient.
 *
 * @throws PatientNotFound, LegalHoldNotFound, LegalHoldReleased within the run
 */
export function releaseHold(shards: HoldShards, release: HoldRelease): Action<Held, HoldStep> {
  return run(shards, release, HOLD_RELEASE, (holds, state) => {
    if (state === 'GONE' && holds.length === 0) throw new PatientNotFound(release.patientId);
    const hold = holds.find(({ holdId }) => holdId === release.holdId);
    if (hold === undefined) throw new LegalHoldNotFound();
    if (hold.releasedAt === null) return { hold: release.released(hold), replayed: false };
    if (hold.releaseGround !== release.ground)
      throw new LegalHoldReleased(hold.releaseGround ?? 'no ground is known', hold.releasedAt);
    return { hold, replayed: true };
  });
}

/** @param decide what becomes of the patient's holds */
function run(
  { legalHolds, audit }: HoldShards,
  asked: HoldPlacement | HoldRelease,
  name: string,
  decide: (holds: readonly LegalHold[], state: HeldState) => Held,
): Action<Held, HoldStep> {
  const { patientId, ids } = asked;
  let wrote = true;
  return {
    name,
    ids,
    home: 'patient',
    steps: HOLD_STEPS,
    work: async (tx: Transaction<HoldStep>) => {
      const state = await tx.step('lock', (m) => legalHolds.lock(m, patientId));
      asked.begins();
      const held = decide(await tx.step('read holds', (m) => legalHolds.ofPatient(m, patientId)), state);
      wrote = !held.replayed;
      if (!wrote) return held;
      await tx.together(
        [
          'audit',
          (m) => audit.append(m, asked.auditEvent(typeof state === 'object' ? state.deletionId : null)),
        ],
        ['hold', (m) => legalHolds[name === HOLD_PLACEMENT ? 'place' : 'release'](m, held.hold)],
      );
      return held;
    },
    hasCommitted: async (manager) =>
      !wrote || (await legalHolds.hasCommitted(manager, patientId, asked.eventId)),
    outcomeOf: ({ replayed }) => (replayed ? 'REPLAYED' : 'DONE'),
  };
}
