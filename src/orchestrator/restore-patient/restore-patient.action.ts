import type { Action, Transaction } from '../../protocol/index.js';
import type { Shards } from '../shards.js';
import {
  assertDemographicsRestored,
  assertNothingStaysHidden,
  assertRestorable,
  assertRestoredAsVoted,
  assertUnanimous,
  countsOf,
  type Prepared,
  unlessRefused,
} from './restoration.checks.js';
import type { Restoration, RestorationAnswer } from './restoration.js';
import { RESTORATION, RESTORATION_STEPS, type RestorationStep } from './restoration.steps.js';

/** A restoration's answer; `replayed` where an earlier request with the same key has got it before. */
export interface Restored {
  readonly answer: RestorationAnswer;
  readonly replayed: boolean;
}

/** The logical two-phase commit by which a deletion is undone. Read it from top to bottom. */
export function restorePatient(shards: Shards, restoration: Restoration): Action<Restored, RestorationStep> {
  const { deletion, ids, eventId, restoredAt, windowDays } = restoration;
  let earlier: RestorationAnswer | undefined;
  return {
    name: RESTORATION,
    ids,
    home: 'patient',
    steps: RESTORATION_STEPS,
    work: async (tx) => {
      const prepared = await prepare(tx, shards, restoration);
      earlier = restoration.earlierAnswer(prepared.record);
      if (earlier !== undefined) return { answer: earlier, replayed: true };
      assertRestorable(prepared.record, restoredAt, windowDays);
      return { answer: await execute(tx, shards, restoration, prepared), replayed: false };
    },
    hasCommitted: async (manager) =>
      earlier !== undefined || (await shards.restorations.hasCommitted(manager, deletion, eventId)),
    outcomeOf: ({ replayed }) => (replayed ? 'REPLAYED' : 'RESTORED'),
  };
}

/** PREPARE: the lock before anything is read, then the record, and a vote from every shard and from the live catalogue. */
async function prepare(
  tx: Transaction<RestorationStep>,
  { patient, clinical, finance, audit, catalogue, restorations }: Shards,
  { deletion }: Restoration,
): Promise<Prepared> {
  const [, isLocked, record, ...votes] = await tx.together(
    ['take role', (m) => restorations.workAsRestorer(m)],
    ['lock', (m) => restorations.lockHidden(m, deletion)],
    ['read record', (m) => restorations.read(m, deletion)],
    ['vote patient', (m) => patient.voteToRestore(m, deletion)],
    ['vote clinical', (m) => clinical.voteToRestore(m, deletion)],
    ['vote finance', (m) => finance.voteToRestore(m, deletion)],
    ['vote audit', (m) => audit.vote(m)],
    ['vote catalogue', (m) => catalogue.vote(m)],
  );
  const [ofPatient, ofClinical, ofFinance, ofAudit, ofCatalogue] = votes;
  const others = [...ofAudit.vetoes, ...ofCatalogue];
  return { record, isLocked, votes: [ofPatient, ofClinical, ofFinance], others };
}

/** EXECUTE: demographics first, then children, constraints, guard, rescan, audit, record, counts. The protocol commits. */
async function execute(
  tx: Transaction<RestorationStep>,
  { patient, clinical, finance, audit, catalogue, restorations }: Shards,
  restoration: Restoration,
  prepared: Prepared,
): Promise<RestorationAnswer> {
  const { deletion } = restoration;
  const [patientVote, clinicalVote, financeVote] = prepared.votes;
  const voted = assertUnanimous(prepared);
  const answer = restoration.answer(prepared.record);
  const [ofPatient, ofClinical, ofFinance, returned] = await tx.together(
    ['restore patient', (m) => unlessRefused('restore patient', patient.restore(m, deletion, patientVote))],
    [
      'restore clinical',
      (m) => unlessRefused('restore clinical', clinical.restore(m, deletion, clinicalVote)),
    ],
    ['restore finance', (m) => unlessRefused('restore finance', finance.restore(m, deletion, financeVote))],
    [
      'check constraints',
      (m) => unlessRefused('check constraints', restorations.settle(m, deletion, prepared.votes)),
    ],
    [
      'guard demographics',
      async (m) => {
        assertDemographicsRestored(await patient.countDemographicsLive(m, deletion.patientId));
      },
    ],
    [
      'rescan',
      async (m) => {
        assertNothingStaysHidden(await catalogue.rescanMarks(m, deletion));
      },
    ],
    ['audit', (m) => audit.append(m, restoration.auditEvent(voted))],
    ['record', (m) => restorations.undo(m, deletion, restoration.outcome(answer))],
  );
  await tx.step('compare counts', () => {
    assertRestoredAsVoted(
      voted,
      returned === undefined ? [ofPatient, ofClinical, ofFinance] : countsOf(returned),
    );
  });
  return answer;
}
