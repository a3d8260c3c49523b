import type { Rescan } from '../../catalogue/index.js';
import type { DestructionRepository } from '../../patient/index.js';
import { type Action, ShardFailed, type Transaction } from '../../protocol/index.js';
import type { Shards } from '../shards.js';
import { DestructionRefused } from './destruction.errors.js';
import {
  assertDestroyedAsVoted,
  assertDue,
  assertEmptied,
  type DestructionPlan,
  latestOf,
  planOf,
  type PreparedDestruction,
} from './destruction.plan.js';
import type { Destruction, DestructionAnswer } from './destruction.js';
import {
  DESTRUCTION,
  DESTRUCTION_PREVIEW,
  DESTRUCTION_PREVIEW_STEPS,
  DESTRUCTION_STEPS,
  destructionPoint,
  type DestructionPreviewStep,
  type DestructionStep,
} from './destruction.steps.js';

/** What it is written through. */
export interface DestructionShards {
  readonly shards: Shards;
  readonly destructions: DestructionRepository;
}

/** What a destruction would take now, and why it would be refused; undefined where it would not. */
export interface PreviewedDestruction {
  readonly plan: DestructionPlan;
  readonly refused: DestructionRefused | undefined;
}

/**
 * The logical two-phase commit by which what was deleted is destroyed, as far as its period of retention is over. Read it
 * from top to bottom.
 */
export function destroyPatient(
  all: DestructionShards,
  destruction: Destruction,
): Action<DestructionAnswer, DestructionStep> {
  const { deletion, destructionId, ids, at, terms } = destruction;
  return {
    name: DESTRUCTION,
    ids,
    home: 'patient',
    steps: DESTRUCTION_STEPS,
    work: async (tx) => {
      const prepared = await prepare(tx, all, destruction);
      const plan = planOf(prepared);
      assertDue(prepared, plan, at, terms.windowDays);
      return execute(tx, all, destruction, { prepared, plan });
    },
    hasCommitted: async (manager) => {
      await all.destructions.workAsDestroyer(manager);
      await all.shards.restorations.lockHidden(manager, deletion);
      return all.destructions.hasCommitted(manager, deletion.patientId, destructionId);
    },
    outcomeOf: ({ state }) => (state === 'DESTROYED' ? 'DESTROYED' : 'PARTLY_DESTROYED'),
  };
}

/** What a destruction would do now: the same Prepare, to be rolled back. */
export function previewDestruction(
  all: DestructionShards,
  destruction: Destruction,
): Action<PreviewedDestruction, DestructionPreviewStep> {
  return {
    name: DESTRUCTION_PREVIEW,
    ids: destruction.ids,
    home: 'patient',
    steps: DESTRUCTION_PREVIEW_STEPS,
    work: async (tx) => {
      const prepared = await prepare(tx, all, destruction);
      const plan = planOf(prepared);
      try {
        assertDue(prepared, plan, destruction.at, destruction.terms.windowDays);
        return { plan, refused: undefined };
      } catch (error) {
        if (error instanceof DestructionRefused) return { plan, refused: error };
        throw error;
      }
    },
    hasCommitted: () => Promise.resolve(false),
  };
}

/** PREPARE: the lock before anything is read, then from when periods count, and a vote from every shard and from the live catalogue. */
async function prepare(
  tx: Transaction<DestructionPreviewStep>,
  { shards: { patient, clinical, finance, audit, catalogue, restorations }, destructions }: DestructionShards,
  destruction: Destruction,
): Promise<PreparedDestruction> {
  const { deletion } = destruction;
  const { patientId } = deletion;
  const days = destruction.question(null);
  const [, isLocked, record, earlier, ofClinical, ofFinance] = await tx.together(
    ['take role', (m) => destructions.workAsDestroyer(m)],
    ['lock', (m) => restorations.lockHidden(m, deletion)],
    ['read record', (m) => restorations.read(m, deletion)],
    ['read destructions', (m) => destructions.ofPatient(m, patientId)],
    ['last contact clinical', (m) => clinical.lastContact(m, days)],
    ['last contact finance', (m) => finance.lastContact(m, days)],
  );
  // Of rows that are gone by now, a record tells.
  const lastContact = latestOf([ofClinical, ofFinance, ...earlier.map((record) => record.lastContact)]);
  const question = destruction.question(lastContact);
  const [holds, clinicalVote, financeVote, auditVote, catalogueVetoes] = await tx.together(
    ['vote patient', (m) => patient.vote(m, patientId)],
    ['vote clinical', (m) => clinical.voteToDestroy(m, question)],
    ['vote finance', (m) => finance.voteToDestroy(m, question)],
    ['vote audit', (m) => audit.vote(m)],
    ['vote catalogue', (m) => catalogue.vote(m)],
  );
  const blockers = [...holds.vetoes, ...auditVote.vetoes, ...catalogueVetoes];
  const votes = { clinical: clinicalVote, finance: financeVote };
  return { record, isLocked, lastContact, votes, blockers };
}

/** EXECUTE: children first, the patient's own row last where nothing else remains, recount, rescan, audit, record. The protocol commits. */
async function execute(
  tx: Transaction<DestructionStep>,
  { shards: { clinical, finance, audit, catalogue }, destructions }: DestructionShards,
  destruction: Destruction,
  { prepared, plan }: { readonly prepared: PreparedDestruction; readonly plan: DestructionPlan },
): Promise<DestructionAnswer> {
  const { deletion } = destruction;
  const question = destruction.question(prepared.lastContact);
  const [ofClinical, ofFinance, , clinicalAfter, financeAfter] = await tx.together(
    ['destroy clinical', (m) => clinical.destroy(m, question)],
    ['destroy finance', (m) => finance.destroy(m, question)],
    [
      'empty patient',
      async (m) => {
        if (plan.isFinal) assertEmptied(await destructions.emptyPatient(m, deletion));
      },
    ],
    ['recount clinical', (m) => clinical.voteToDestroy(m, question)],
    ['recount finance', (m) => finance.voteToDestroy(m, question)],
    [
      'rescan',
      async (m) => {
        assertNothingCameBack(await catalogue.rescan(m, deletion.patientId));
      },
    ],
    ['audit', (m) => audit.append(m, destruction.auditEvent(plan))],
    ['record', (m) => destructions.keep(m, destruction.record(plan))],
  );
  await tx.step('compare counts', () => {
    assertDestroyedAsVoted(
      prepared.votes,
      { clinical: ofClinical, finance: ofFinance },
      { clinical: clinicalAfter, finance: financeAfter },
    );
  });
  return destruction.answer(plan);
}

/**
 * No table of the catalogue, as it is now, holds a live row of the patient.
 *
 * @throws DestructionRefused where an undeclared table has appeared since the vote
 * @throws ShardFailed naming the tables in which live rows are
 */
function assertNothingCameBack({ vetoes, remaining }: Rescan): void {
  if (vetoes.length > 0)
    throw new DestructionRefused('VETOED', 'The destruction was vetoed (UNDECLARED_TABLE).', {
      blockers: vetoes,
    });
  const [first] = remaining;
  if (first === undefined) return;
  const names = remaining.map(({ schema, table }) => `${schema}.${table}`).join(', ');
  throw new ShardFailed(`Live rows of the patient are in ${names}.`, {
    ...destructionPoint('rescan', first.name),
    shard: first.shard,
  });
}
