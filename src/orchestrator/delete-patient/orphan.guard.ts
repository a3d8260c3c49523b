import type { Rescan } from '../../catalogue/index.js';
import { ShardFailed } from '../../protocol/index.js';
import { DeletionVetoed } from './deletion.errors.js';
import { deletionPoint } from './deletion.steps.js';

/**
 * No table of the catalogue, as it is now, holds a live row of the patient.
 *
 * @throws DeletionVetoed where an undeclared table has appeared since the vote
 * @throws ShardFailed naming the tables in which live rows remain
 */
export function assertNothingRemains({ vetoes, remaining }: Rescan): void {
  if (vetoes.length > 0) throw new DeletionVetoed(vetoes);
  const [first] = remaining;
  if (first === undefined) return;
  const names = remaining.map(({ schema, table }) => `${schema}.${table}`).join(', ');
  throw new ShardFailed(`Live rows of the patient remain in ${names}.`, {
    ...deletionPoint('rescan', first.name),
    shard: first.shard,
  });
}
