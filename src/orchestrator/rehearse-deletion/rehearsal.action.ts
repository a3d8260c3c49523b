import { type Action, declareSteps } from '../../protocol/index.js';
import { childShards, type HidingTimes } from '../../shards/index.js';
import { deletePatient } from '../delete-patient/delete-patient.action.js';
import type { Deletion, DeletionAnswer } from '../delete-patient/deletion.js';
import { DELETION_STEPS } from '../delete-patient/deletion.steps.js';
import type { Shards } from '../shards.js';

/** A deletion that was tried out to its end and rolled back. */
export interface Rehearsal {
  /** What it would have answered. */
  readonly answer: DeletionAnswer;
  /** From the first statement to the last, without the commit. */
  readonly milliseconds: number;
  /** Of a second try, with every part timed, which takes longer. */
  readonly times: readonly HidingTimes[];
}

const REHEARSED_STEPS = declareSteps({
  ...DELETION_STEPS,
  'check constraints': {
    phase: 'EXECUTE',
    shard: 'patient',
    after: ['mark clinical', 'mark finance', 'mark patient'],
  },
});

/** All of a deletion, and what the database would check at its commit. To be rolled back. */
export function rehearseDeletion(
  shards: Shards,
  deletion: Deletion,
): Action<DeletionAnswer, keyof typeof REHEARSED_STEPS> {
  const real = deletePatient(shards, deletion);
  return {
    ...real,
    name: 'rehearsal',
    steps: REHEARSED_STEPS,
    work: async (tx) => {
      const { answer } = await real.work(tx);
      await tx.step('check constraints', (m) => shards.restorations.checkConstraints(m));
      return answer;
    },
    outcomeOf: () => 'REHEARSED',
  };
}

const TIMED_STEPS = declareSteps({
  lock: { phase: 'PREPARE', shard: 'patient' },
  'time clinical': { phase: 'EXECUTE', shard: 'clinical', after: ['lock'] },
  'time finance': { phase: 'EXECUTE', shard: 'finance', after: ['lock'] },
  'time patient': { phase: 'EXECUTE', shard: 'patient', after: ['lock'] },
});

/** The statements that hide, each of them explained as it runs. To be rolled back. */
export function timeDeletion(
  shards: Shards,
  { mark, ids }: Deletion,
): Action<HidingTimes[], keyof typeof TIMED_STEPS> {
  return {
    name: 'timed rehearsal',
    ids,
    home: 'patient',
    steps: TIMED_STEPS,
    work: async (tx) => {
      await tx.step('lock', (m) => shards.patient.lockDemographics(m, mark.patientId));
      const times: HidingTimes[] = [];
      for (const shard of [...childShards(), 'patient'] as const)
        times.push(await tx.step(`time ${shard}`, (m) => shards[shard].timeHiding(m, mark)));
      return times;
    },
    hasCommitted: () => Promise.resolve(false),
  };
}
