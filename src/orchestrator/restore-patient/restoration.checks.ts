import type { Rescan } from '../../catalogue/index.js';
import { sqlstateOf } from '../../common/index.js';
import { DeletionNotFound, type PatientDeletion, type ReturnedRows } from '../../patient/index.js';
import { type FailurePoint, ShardFailed, ShardUnavailable } from '../../protocol/index.js';
import {
  adoptedTables,
  type Blocker,
  failedTable,
  fullName,
  type RestorationVote,
  ROOT_TABLE,
  type ShardCount,
} from '../../shards/index.js';
import { differencesOf } from '../row.counts.js';
import { type RestorationRefusal, RestorationRefused } from './restoration.errors.js';
import { restorationPoint, type RestorationStep } from './restoration.steps.js';

const DAY_MS = 86_400_000;
/** What refuses a row that comes back, by SQLSTATE: unique_violation, exclusion_violation, foreign_key_violation. */
const REFUSED: Readonly<Record<string, (table: string) => [RestorationRefusal, string]>> = {
  '23505': taken,
  '23P01': taken,
  '23503': gone,
};
function gone(table: string): [RestorationRefusal, string] {
  return ['REFERENCE_GONE', `What a row${table} refers to is not there any more: put that back first.`];
}
function taken(table: string): [RestorationRefusal, string] {
  return [
    'VALUE_TAKEN',
    `A value${table} that has to be unique belongs to another row by now: change that row first.`,
  ];
}

/**
 * The deletion is in force, and not for too long.
 *
 * @param windowDays days of 24 hours after a deletion in which it may be undone; 0 for never
 * @throws RestorationRefused, DeletionNotFound
 */
export function assertRestorable({ state, deletedAt }: PatientDeletion, now: Date, windowDays: number): void {
  if (state === 'RESTORED')
    throw new RestorationRefused('ALREADY_RESTORED', 'This deletion was undone already.');
  if (state === 'DESTROYED')
    throw new RestorationRefused('ALREADY_DESTROYED', 'The rows of this deletion are destroyed.');
  if (state !== 'DELETED' || deletedAt === null) throw new DeletionNotFound();
  if (windowDays === 0)
    throw new RestorationRefused('SWITCHED_OFF', 'This service restores nobody (RESTORE_WINDOW_DAYS is 0).');
  const end = new Date(deletedAt.getTime() + windowDays * DAY_MS);
  if (now > end)
    throw new RestorationRefused(
      'WINDOW_OVER',
      `A deletion may be undone within ${windowDays} days; for this one they were over on ${end.toISOString()}.`,
    );
}

/** What Prepare found. */
export interface Prepared {
  readonly record: PatientDeletion;
  /** Whether the demographics row is hidden by this very deletion, and locked. */
  readonly isLocked: boolean;
  /** Of patient, clinical and finance. */
  readonly votes: readonly [RestorationVote, RestorationVote, RestorationVote];
  /** Vetoes of whoever holds none. */
  readonly others: readonly Blocker[];
}

/**
 * Nobody has a veto, and every table has exactly the rows that the record tells of.
 *
 * @returns those rows
 * @throws RestorationRefused with every veto
 * @throws ShardUnavailable, after which the whole unit runs again, where the patient was deleted while the lock was taken
 */
export function assertUnanimous({ record, isLocked, votes, others }: Prepared): ShardCount[] {
  const counted = votes.map(({ shard, resources }) => ({ shard, resources }));
  const different = differencesOf(record.shards ?? [], counted).map(({ shard, table, expected, found }) => ({
    shard,
    code: 'ROWS_DIFFER',
    detail: `This deletion hides ${found} rows of ${fullName(shard, table)}; its record tells of ${expected}.`,
  }));
  const blockers = [...votes.flatMap(({ vetoes }) => vetoes), ...different, ...others];
  if (blockers.length > 0) {
    const codes = [...new Set(blockers.map(({ code }) => code))].join(', ');
    throw new RestorationRefused('VETOED', `The restoration was vetoed (${codes}).`, { blockers });
  }
  if (!isLocked)
    throw new ShardUnavailable(
      'The patient changed before the lock was had.',
      restorationPoint('lock', ROOT_TABLE),
      {
        retryable: true,
      },
    );
  return counted;
}

/**
 * Runs what brings rows back: a value that has to be unique and is somebody else's by now is a refusal, and so is a
 * reference to what is gone.
 *
 * @throws RestorationRefused
 */
export async function unlessRefused<Result>(step: RestorationStep, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const refused = REFUSED[sqlstateOf(error) ?? ''];
    // Silgi's own tables refer to the patient alone, who has come back before them.
    if (refused === undefined || (refused === gone && adoptedTables() === undefined)) throw error;
    const point = whereRefused(step, error);
    const [refusal, why] = refused(
      point.table === undefined ? '' : ` of ${fullName(point.shard, point.table)}`,
    );
    throw new RestorationRefused(refusal, why, { point, cause: error });
  }
}

/** The database names the table where it checks several at once. */
function whereRefused(step: RestorationStep, error: unknown): FailurePoint {
  const { table, shard } = failedTable(error);
  const point = restorationPoint(step, table);
  return shard === undefined ? point : { ...point, shard };
}

/**
 * The guard on the heart of the profile: exactly one demographics row is live again. It is given the figure read back from
 * the table.
 *
 * @throws ShardFailed
 */
export function assertDemographicsRestored(live: number): void {
  if (live === 1) return;
  throw new ShardFailed(
    `The demographics record did not come back (${live} rows live, 1 expected).`,
    restorationPoint('guard demographics', ROOT_TABLE),
  );
}

/**
 * No table of the catalogue, as it is now, holds a row that still carries the id of the deletion.
 *
 * @throws RestorationRefused where an undeclared table has appeared since the vote
 * @throws ShardFailed naming the tables in which such rows remain
 */
export function assertNothingStaysHidden({ vetoes, remaining }: Rescan): void {
  if (vetoes.length > 0)
    throw new RestorationRefused('VETOED', 'The restoration was vetoed (UNDECLARED_TABLE).', {
      blockers: vetoes,
    });
  const [first] = remaining;
  if (first === undefined) return;
  const names = remaining.map(({ schema, table }) => `${schema}.${table}`).join(', ');
  throw new ShardFailed(`Rows with the id of the deletion remain in ${names}.`, {
    ...restorationPoint('rescan', first.table),
    shard: first.shard,
  });
}

/**
 * What has come back to a hospital's own tables, by shard.
 *
 * @throws RestorationRefused where a row is somebody's who is deleted as well
 */
export function countsOf(returned: readonly ReturnedRows[]): ShardCount[] {
  const shared = returned.filter(({ ofOthers }) => ofOthers > 0);
  if (shared.length > 0)
    throw new RestorationRefused('VETOED', 'The restoration was vetoed (ROWS_OF_DELETED).', {
      blockers: shared.map(({ shard, table, ofOthers }) => ({
        shard,
        code: 'ROWS_OF_DELETED',
        detail: `${ofOthers} rows of ${fullName(shard, table)} are also of somebody who is deleted: restore him first.`,
      })),
    });
  return returned.map(({ shard, resourceType, table, rows }) => ({
    shard,
    resources: [{ resourceType, table, rows }],
  }));
}

/**
 * Every table has got back exactly as many rows as its shard voted for.
 *
 * @throws ShardFailed naming the first shard and table that differ, and both figures
 */
export function assertRestoredAsVoted(voted: readonly ShardCount[], restored: readonly ShardCount[]): void {
  const [first] = differencesOf(voted, restored);
  if (first === undefined) return;
  const { shard, table, expected, found } = first;
  throw new ShardFailed(`Of ${expected} rows of ${fullName(shard, table)}, ${found} were restored.`, {
    ...restorationPoint('compare counts', table),
    shard,
  });
}
