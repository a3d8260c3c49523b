import type { Phase, ShardName } from '../shards/index.js';

/** One step of the protocol: where a failure in it is said to have happened. */
export interface DeletionStep {
  readonly phase: Phase;
  readonly shard: ShardName;
}

/**
 * The steps of a deletion in their order. The protocol runs each by its name, errors and metrics carry it, and
 * the fault suites drive every fault through every one of them: a step that is not here does not compile.
 *
 * What belongs to no single shard (connecting, the catalogue guard, the rescan, the commit) is the home shard's,
 * `patient`, whose commit is the decision.
 */
export const DELETION_STEPS = {
  connect: { phase: 'PREPARE', shard: 'patient' },
  begin: { phase: 'PREPARE', shard: 'patient' },
  claim: { phase: 'PREPARE', shard: 'patient' },
  lock: { phase: 'PREPARE', shard: 'patient' },
  'vote patient': { phase: 'PREPARE', shard: 'patient' },
  'vote clinical': { phase: 'PREPARE', shard: 'clinical' },
  'vote finance': { phase: 'PREPARE', shard: 'finance' },
  'vote audit': { phase: 'PREPARE', shard: 'audit' },
  'vote catalogue': { phase: 'PREPARE', shard: 'patient' },
  'mark clinical': { phase: 'EXECUTE', shard: 'clinical' },
  'mark finance': { phase: 'EXECUTE', shard: 'finance' },
  'mark patient': { phase: 'EXECUTE', shard: 'patient' },
  'guard demographics': { phase: 'EXECUTE', shard: 'patient' },
  rescan: { phase: 'EXECUTE', shard: 'patient' },
  audit: { phase: 'EXECUTE', shard: 'audit' },
  record: { phase: 'EXECUTE', shard: 'patient' },
  'compare counts': { phase: 'EXECUTE', shard: 'patient' },
  commit: { phase: 'COMMIT', shard: 'patient' },
} as const satisfies Record<string, DeletionStep>;

/** What runs beside the protocol, in transactions of its own. */
export const SIDE_STEPS = {
  /** Learns the outcome of a COMMIT that was not acknowledged. */
  resolve: { phase: 'COMMIT', shard: 'patient' },
  /** Records a failed attempt after its rollback. */
  'audit failure': { phase: 'COMMIT', shard: 'audit' },
  /** Takes a patient in. */
  admit: { phase: 'EXECUTE', shard: 'patient' },
} as const satisfies Record<string, DeletionStep>;

export type StepName = keyof typeof DELETION_STEPS | keyof typeof SIDE_STEPS;
