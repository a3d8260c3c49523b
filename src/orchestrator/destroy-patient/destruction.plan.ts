import { DeletionNotFound, type KeptOfShard, type PatientDeletion } from '../../patient/index.js';
import { ShardFailed, ShardUnavailable } from '../../protocol/index.js';
import {
  type Blocker,
  type DestroyedRows,
  fullName,
  type RetainedRows,
  ROOT_TABLE,
  rootTable,
  type ShardCount,
} from '../../shards/index.js';
import { totalRows } from '../delete-patient/deletion.counts.js';
import { differencesOf } from '../row.counts.js';
import { DestructionRefused } from './destruction.errors.js';
import { destructionPoint } from './destruction.steps.js';

const DAY_MS = 86_400_000;

/** Something of each of the two shards whose rows are destroyed. */
export interface OfShards<T> {
  readonly clinical: T;
  readonly finance: T;
}
const DESTROYED_SHARDS = ['clinical', 'finance'] as const;

/** What Prepare found. */
export interface PreparedDestruction {
  readonly record: PatientDeletion;
  /** Whether the demographics row is hidden by this very deletion, and locked. */
  readonly isLocked: boolean;
  readonly lastContact: string | null;
  readonly votes: OfShards<readonly RetainedRows[]>;
  readonly blockers: readonly Blocker[];
}

/** What a destruction takes, and what it leaves. */
export interface DestructionPlan {
  readonly lastContact: string | null;
  /** Rows that go; where nothing is left behind them, the patient's own row as well, which is emptied. */
  readonly destroyed: readonly ShardCount[];
  /** Those of them that the deletion had hidden: the hospital's own system may have hidden others before. */
  readonly ofDeletion: readonly ShardCount[];
  readonly totalRows: number;
  readonly kept: readonly KeptOfShard[];
  /** Whether nothing is left. */
  readonly isFinal: boolean;
}

/** The latest of these days, as 2006-03-14; null where there is none. */
export function latestOf(days: readonly (string | null)[]): string | null {
  return days.reduce(
    (latest, day) => (day !== null && (latest === null || day > latest) ? day : latest),
    null,
  );
}

/** What of the patient is due, and what is not. */
export function planOf({ lastContact, votes }: PreparedDestruction): DestructionPlan {
  const kept = DESTROYED_SHARDS.flatMap((shard) =>
    votes[shard].flatMap((table) => (table.kept === undefined ? [] : [{ shard, ...table.kept }])),
  );
  const isFinal = kept.length === 0;
  const { resourceType, name: table } = rootTable();
  const emptied: ShardCount[] = isFinal
    ? [{ shard: 'patient', resources: [{ resourceType, table, rows: 1 }] }]
    : [];
  const destroyed = [...countsOf(votes, ({ due }) => due), ...emptied];
  const ofDeletion = countsOf(votes, ({ dueOfDeletion }) => dueOfDeletion);
  return { lastContact, destroyed, ofDeletion, totalRows: totalRows(destroyed), kept, isFinal };
}

function countsOf<T>(
  tables: OfShards<readonly T[]>,
  countOf: (table: T) => ShardCount['resources'][number],
): ShardCount[] {
  return DESTROYED_SHARDS.map((shard) => ({ shard, resources: tables[shard].map(countOf) }));
}

/**
 * The deletion is in force and cannot be undone any more, nobody has a veto, and something is due.
 *
 * @param windowDays days of 24 hours after a deletion in which it may be undone
 * @throws DestructionRefused, DeletionNotFound
 * @throws ShardUnavailable, after which the whole unit runs again, where the patient was restored while the lock was taken
 */
export function assertDue(
  { record, isLocked, blockers }: PreparedDestruction,
  { destroyed, kept }: DestructionPlan,
  now: Date,
  windowDays: number,
): void {
  const { state, deletedAt } = record;
  if (state === 'RESTORED')
    throw new DestructionRefused('NOT_DELETED', 'This deletion was undone: the patient’s data is in use.');
  if (state === 'DESTROYED')
    throw new DestructionRefused('ALREADY_DESTROYED', 'Nothing of the patient remains.');
  if (deletedAt === null) throw new DeletionNotFound();
  const end = new Date(deletedAt.getTime() + windowDays * DAY_MS);
  if (windowDays > 0 && now <= end)
    throw new DestructionRefused(
      'RESTORABLE',
      `This deletion may be undone until ${end.toISOString()}; nothing of it is destroyed before.`,
    );
  if (blockers.length > 0) {
    const codes = [...new Set(blockers.map(({ code }) => code))].join(', ');
    throw new DestructionRefused('VETOED', `The destruction was vetoed (${codes}).`, { blockers });
  }
  if (!isLocked)
    throw new ShardUnavailable(
      'The patient changed before the lock was had.',
      destructionPoint('lock', ROOT_TABLE),
      { retryable: true },
    );
  if (totalRows(destroyed) === 0)
    throw new DestructionRefused('NOTHING_DUE', 'Every row of the patient has to be kept longer.', { kept });
}

/**
 * The guard on the patient's own row: where nothing else remains it says nothing of him any more. It is given the figure
 * read back from the table.
 *
 * @throws ShardFailed
 */
export function assertEmptied(emptied: number): void {
  if (emptied === 1) return;
  throw new ShardFailed(
    `The demographics record was not emptied (${emptied} empty rows, 1 expected).`,
    destructionPoint('empty patient', ROOT_TABLE),
  );
}

/**
 * Every table has lost exactly the rows that its shard voted for, by what the server says of the removal and by what is
 * there afterwards: nothing that is due, and all that has to be kept.
 *
 * @throws ShardFailed naming the first shard and table that differ, and both figures
 */
export function assertDestroyedAsVoted(
  votes: OfShards<readonly RetainedRows[]>,
  destroyed: OfShards<readonly DestroyedRows[]>,
  after: OfShards<readonly RetainedRows[]>,
): void {
  const keptOf = ({ due, kept }: RetainedRows) => ({ ...due, rows: kept?.rows ?? 0 });
  const comparisons: [expected: ShardCount[], found: ShardCount[], how: string][] = [
    [countsOf(votes, ({ due }) => due), countsOf(destroyed, ({ rows }) => rows), 'were destroyed'],
    [
      countsOf(votes, ({ dueOfDeletion }) => dueOfDeletion),
      countsOf(destroyed, ({ ofDeletion }) => ofDeletion),
      'of the deletion were destroyed',
    ],
    [
      countsOf(votes, ({ due }) => ({ ...due, rows: 0 })),
      countsOf(after, ({ due }) => due),
      'are there still',
    ],
    [countsOf(votes, keptOf), countsOf(after, keptOf), 'were kept'],
  ];
  for (const [expected, found, how] of comparisons) {
    const [first] = differencesOf(expected, found);
    if (first === undefined) continue;
    const { shard, table } = first;
    throw new ShardFailed(`Of ${first.expected} rows of ${fullName(shard, table)}, ${first.found} ${how}.`, {
      ...destructionPoint('compare counts', table),
      shard,
    });
  }
}
