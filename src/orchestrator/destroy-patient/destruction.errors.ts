import { SilgiError } from '../../common/index.js';
import type { KeptOfShard } from '../../patient/index.js';
import type { Blocker } from '../../shards/index.js';

/** Why a destruction is refused. The codes are stable. */
export const DESTRUCTION_REFUSALS = [
  /** One or more shards voted NO; all their vetoes are listed. */
  'VETOED',
  /** This deletion does not hide the patient: it was undone. */
  'NOT_DELETED',
  /** Nothing of the patient remains. */
  'ALREADY_DESTROYED',
  /** The deletion may still be undone (RESTORE_WINDOW_DAYS). */
  'RESTORABLE',
  /** The day up to which it is asked for has not come. */
  'DAY_TO_COME',
  /** Every row has to be kept longer. */
  'NOTHING_DUE',
  /** Nobody has put his name to the periods of the policy. */
  'POLICY_NOT_SIGNED_OFF',
  /** Patients stand in a hospital's own tables: the vault is not destroyed from yet. */
  'NOT_OFFERED',
] as const;
export type DestructionRefusal = (typeof DESTRUCTION_REFUSALS)[number];

/** What is known of a refusal beside its code. */
export interface DestructionRefusalDetails {
  readonly blockers?: readonly Blocker[];
  /** Where nothing is due: what has to be kept, and until when. */
  readonly kept?: readonly KeptOfShard[];
}

/** Nothing of the patient is destroyed. Nothing was changed. */
export class DestructionRefused extends SilgiError {
  readonly code = 'DESTRUCTION_REFUSED';
  readonly blockers: readonly Blocker[];
  readonly kept: readonly KeptOfShard[];

  /** @param why one sentence, for people */
  constructor(
    readonly refusal: DestructionRefusal,
    why: string,
    { blockers = [], kept = [] }: DestructionRefusalDetails = {},
  ) {
    super(`${why} Nothing was changed.`);
    this.blockers = blockers;
    this.kept = kept;
  }
}
