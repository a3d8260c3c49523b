import { DemographicsNotDeleted } from './deletion.errors.js';
import { deletionPoint } from './deletion.steps.js';
import { rootTable } from '../../shards/index.js';

/**
 * The fail-fast guard on the heart of the profile: exactly one demographics row carries this deletion's mark,
 * or everything is rolled back. It is given the figure read back from the table, not the one that the marking
 * call claims, so that a trigger, a rule or a broken repository cannot pass for a deletion.
 *
 * @param marked the demographics rows that carry this deletion's id
 * @throws DemographicsNotDeleted
 */
export function assertDemographicsDeleted(marked: number): void {
  if (marked !== 1)
    throw new DemographicsNotDeleted(marked, deletionPoint('guard demographics', rootTable().name));
}
