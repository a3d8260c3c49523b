import type { DeletionClaim, EarlierDeletion } from '../../patient/index.js';
import type { Action, Transaction } from '../../protocol/index.js';
import { childShards } from '../../shards/index.js';
import type { Shards } from '../shards.js';
import { assertMarkedAsVoted, planOf, type Plan } from './deletion.counts.js';
import { DeletionVetoed, IdempotencyKeyReused, PreviewOutdated } from './deletion.errors.js';
import { type Deletion, type DeletionAnswer } from './deletion.js';
import {
  DELETION,
  DELETION_STEPS,
  type DeletionStep,
  PREVIEW_STEPS,
  type PreviewStep,
} from './deletion.steps.js';
import { assertDemographicsDeleted } from './demographics.guard.js';
import { assertNothingRemains } from './orphan.guard.js';

/** A deletion's answer; `replayed` where an earlier request with the same key has got it before. */
export interface Deleted {
  readonly answer: DeletionAnswer;
  readonly replayed: boolean;
}

/** The logical two-phase commit of a patient's deletion. Read it from top to bottom. */
export function deletePatient(shards: Shards, deletion: Deletion): Action<Deleted, DeletionStep> {
  let earlier: EarlierDeletion | undefined;
  return {
    name: DELETION,
    ids: deletion.ids,
    home: 'patient',
    steps: DELETION_STEPS,
    work: async (tx) => {
      earlier = await claim(tx, shards, deletion);
      if (earlier !== undefined) return { answer: firstAnswer(earlier, deletion), replayed: true };
      const plan = await prepare(tx, shards, deletion.claim);
      if (plan.blockers.length > 0) throw new DeletionVetoed(plan.blockers);
      if ((deletion.previewDigest ?? plan.digest) !== plan.digest) throw new PreviewOutdated();
      return { answer: await execute(tx, shards, deletion, plan), replayed: false };
    },
    hasCommitted: async (manager) =>
      earlier !== undefined || (await shards.patient.hasCommitted(manager, deletion.claim)),
    outcomeOf: ({ replayed }) => (replayed ? 'REPLAYED' : 'DELETED'),
  };
}

/** What a deletion would do now: the same Prepare, to be rolled back. */
export function previewDeletion(
  shards: Shards,
  ids: { readonly patientId: string; readonly requestId: string },
): Action<Plan, PreviewStep> {
  return {
    name: 'preview',
    ids: { ...ids },
    home: 'patient',
    steps: PREVIEW_STEPS,
    work: (tx) => prepare(tx, shards, { patientId: ids.patientId, erasureRequestId: null }, true),
    hasCommitted: () => Promise.resolve(false),
  };
}

/** What may be a repeat is awaited: it gets the first answer without waiting for the patient's lock. */
async function claim(
  tx: Transaction<DeletionStep>,
  { patient }: Shards,
  { claim, mayRepeat }: Deletion,
): Promise<EarlierDeletion | undefined> {
  if (mayRepeat) return tx.step('claim', (m) => patient.claim(m, claim, mayRepeat));
  tx.ahead('claim', (m) => patient.claim(m, claim, mayRepeat));
  return undefined;
}

/** PREPARE: the lock before anything is read, then a vote from every shard and from the live catalogue. */
async function prepare(
  tx: Transaction<PreviewStep>,
  shards: Shards,
  { patientId, erasureRequestId }: Pick<DeletionClaim, 'patientId' | 'erasureRequestId'>,
  isPreview = false,
): Promise<Plan> {
  const [, patient, clinical, finance, audit, catalogue] = await tx.together(
    ['lock', (m) => shards.patient.lockDemographics(m, patientId)],
    ['vote patient', (m) => shards.patient.voteNaming(m, patientId, erasureRequestId)],
    ['vote clinical', (m) => shards.clinical.vote(m, patientId, isPreview)],
    ['vote finance', (m) => shards.finance.vote(m, patientId, isPreview)],
    ['vote audit', (m) => shards.audit.vote(m)],
    ['vote catalogue', (m) => shards.catalogue.vote(m)],
  );
  return planOf(patientId, [patient, clinical, finance], [...audit.vetoes, ...catalogue]);
}

/** EXECUTE: children first, demographics last, guard, rescan, audit, record, counts. The protocol commits. */
async function execute(
  tx: Transaction<DeletionStep>,
  shards: Shards,
  deletion: Deletion,
  plan: Plan,
): Promise<DeletionAnswer> {
  const { mark } = deletion;
  const answer = deletion.answer(plan.shards);
  const [first, second] = childShards();
  const [one, other, patient] = await tx.together(
    [`mark ${first}`, (m) => shards[first].markDeleted(m, mark)],
    [`mark ${second}`, (m) => shards[second].markDeleted(m, mark)],
    ['mark patient', (m) => shards.patient.markDeleted(m, mark)],
    [
      'guard demographics',
      async (m) => {
        assertDemographicsDeleted(await shards.patient.countDemographicsMarked(m, mark));
      },
    ],
    [
      'rescan',
      async (m) => {
        assertNothingRemains(await shards.catalogue.rescan(m, mark.patientId));
      },
    ],
    ['audit', (m) => shards.audit.append(m, deletion.auditEvent(plan.shards))],
    ['record', (m) => shards.patient.completeDeletion(m, deletion.claim, deletion.outcome(answer))],
  );
  await tx.step('compare counts', () => {
    assertMarkedAsVoted(plan.shards, [patient, one, other]);
  });
  return answer;
}

/** @throws IdempotencyKeyReused where the key came with another request */
function firstAnswer(earlier: EarlierDeletion, { claim }: Deletion): DeletionAnswer {
  if (earlier.requestDigest !== claim.requestDigest || earlier.answer === null)
    throw new IdempotencyKeyReused();
  return JSON.parse(earlier.answer) as DeletionAnswer;
}
