import { EventLoopTurns } from './event-loop.turns.js';
import { leafBytes, type SealableEvent, sealedLeafOf } from './leaf.js';
import { GrowingTree, leafHash, nodeHash } from './merkle.js';
import type { SignedRoots } from './signed.roots.js';

/** What can be wrong with a sealed log. */
export const DEFECTS = [
  'EDITED',
  'REMOVED',
  'INSERTED',
  'REORDERED',
  'TRUNCATED',
  'REWRITTEN',
  'CHECKPOINT_FORGED',
] as const;
export type Defect = (typeof DEFECTS)[number];

/** Something that is not as it was sealed. */
export interface Finding {
  readonly what: Defect;
  /** The first event concerned, counted from 0; null where it concerns none that is sealed. */
  readonly leafIndex: number | null;
  /** Where the bad event cannot be told from its neighbours: the last one that it may be. */
  readonly lastIndex: number | null;
  readonly auditEventId: string | null;
  readonly detail: string;
}

/** A place of the log as it is stored or was exported. */
export interface LogRow {
  readonly leafIndex: number;
  /** Null where it cannot be read. */
  readonly auditEventId: string | null;
  /** As it was sealed. */
  readonly leafHash: Uint8Array;
  /** The event now; undefined where it is gone. */
  readonly event: SealableEvent | undefined;
  /** The event has a number that is read as another one than is stored: it was not written so. */
  readonly isLossy?: boolean;
  /** The stored complete subtrees that end with this leaf, lowest first; undefined where none are known. */
  readonly nodes?: readonly (Uint8Array | undefined)[];
}

/** Reads the log from its beginning, as often as it is asked to. */
export type LogSource = () => AsyncIterable<LogRow>;

const UNCOVERED = 'No checkpoint covers it: it was added, or the checkpoint is older than the log.';

/** Two leaves of which one is not what was sealed, and the hash that they should have together. */
interface Pair {
  readonly first: LogRow;
  readonly second: LogRow;
  readonly parent: Uint8Array;
}

/** A finding before it is known what became of the event in question. */
interface Suspicion {
  readonly finding: Finding;
  /** The hash of what stands here now: elsewhere in the log it means that events changed places. */
  readonly hash?: Uint8Array;
  readonly pair?: Pair;
}

/** How far a check came. */
export interface Checked {
  /** Events that are as they were sealed, from the first. */
  readonly good: number;
  /** What is wrong with the next one. */
  readonly finding: Finding | undefined;
}

/**
 * Computes the whole log anew from its events and holds it against what was sealed and signed. It stops at the first
 * bad event, and looks through the log once more to say what became of it. Others get their turns in between.
 *
 * @param progress is told of every thousandth event
 */
export async function checkLog(
  source: LogSource,
  roots: SignedRoots,
  progress: (checked: number) => void = () => undefined,
): Promise<Checked> {
  const check = new LogCheck(roots);
  const turns = new EventLoopTurns();
  for await (const row of source()) {
    const suspicion = check.add(row);
    if (suspicion !== undefined) return { good: check.good, finding: await explained(suspicion, source) };
    if (row.leafIndex % 1_000 === 999) progress(row.leafIndex + 1);
    if (turns.isOver) await turns.next();
  }
  return { good: check.good, finding: check.end() };
}

class LogCheck {
  private readonly tree = new GrowingTree();
  /** Size of the largest tree so far that has a signed root. */
  private proven = 0;
  private previous: LogRow | undefined;

  constructor(private readonly roots: SignedRoots) {}

  get good(): number {
    return this.proven;
  }

  add(row: LogRow): Suspicion | undefined {
    const index = this.tree.size;
    const { auditEventId, event } = row;
    const is = (what: Defect, detail: string, id = auditEventId, leafIndex = index) => ({
      finding: { what, leafIndex, lastIndex: null, auditEventId: id, detail },
    });
    if (row.leafIndex < index)
      return is('INSERTED', 'A second event claims this place.', auditEventId, row.leafIndex);
    if (index >= this.roots.largest) return is('INSERTED', UNCOVERED, auditEventId, row.leafIndex);
    if (row.leafIndex > index) return is('REMOVED', 'There is no event in this place.', null);
    if (auditEventId === null) return is('EDITED', 'The line in this place is not as it was written.');
    if (event === undefined) return is('REMOVED', 'The event was sealed in this place and is gone.');
    const edited = is('EDITED', 'The event is not what was sealed in this place.');
    const hash = hashOf(event);
    if (hash === undefined) return edited;
    const isSealed = event.auditEventId === auditEventId && row.isLossy !== true;
    if (!isSealed || !same(hash, row.leafHash)) return { ...edited, hash };
    return this.grow(row);
  }

  /** After the last row. */
  end(): Finding | undefined {
    const leafIndex = this.tree.size;
    if (leafIndex >= this.roots.largest) return undefined;
    const detail = `A checkpoint was signed over ${this.roots.largest} events; from this place on there are none.`;
    return { what: 'TRUNCATED', leafIndex, lastIndex: this.roots.largest - 1, auditEventId: null, detail };
  }

  private grow(row: LogRow): Suspicion | undefined {
    const completed = this.tree.append(row.leafHash);
    const { previous } = this;
    this.previous = row;
    for (const [at, { level, hash }] of completed.entries()) {
      const stored = row.nodes?.[at];
      if (row.nodes === undefined || (stored !== undefined && same(stored, hash))) continue;
      const suspicion = this.rewritten(row.leafIndex + 1 - 2 ** level, row, 'the stored tree');
      return level === 1 && previous !== undefined && stored !== undefined
        ? { ...suspicion, pair: { first: previous, second: row, parent: stored } }
        : suspicion;
    }
    const { size } = this.tree;
    if (!this.roots.has(size)) return undefined;
    if (!this.roots.agree(size, this.tree.root()))
      return this.rewritten(this.proven, row, `the signed checkpoint of ${size} events`);
    this.proven = size;
    return undefined;
  }

  private rewritten(from: number, row: LogRow, against: string): Suspicion {
    const isOne = from === row.leafIndex;
    const which = isOne ? 'This event was' : `One of the events ${from} to ${row.leafIndex}, or more, was`;
    return {
      finding: {
        what: 'REWRITTEN',
        leafIndex: from,
        lastIndex: isOne ? null : row.leafIndex,
        auditEventId: isOne ? row.auditEventId : null,
        detail: `${which} replaced, added, taken out or moved together with its seal: it contradicts ${against}.`,
      },
    };
  }
}

/** The hash of an event; undefined where it holds what has no canonical form, and so was never sealed. */
function hashOf(event: SealableEvent): Uint8Array | undefined {
  try {
    return leafHash(leafBytes(sealedLeafOf(event)));
  } catch {
    return undefined;
  }
}

/** Looks for the event in question in the rest of the log. */
async function explained({ finding, hash, pair }: Suspicion, source: LogSource): Promise<Finding> {
  const moved = (auditEventId: string | null, detail: string) => ({
    ...finding,
    what: 'REORDERED' as const,
    auditEventId,
    detail,
  });
  const isGap = finding.what === 'REMOVED' && finding.auditEventId === null;
  if (!isGap && hash === undefined && pair === undefined) return finding;
  for await (const row of source()) {
    if (isGap && row.leafIndex === finding.leafIndex)
      return moved(row.auditEventId, 'The event of this place stands in another one.');
    if (hash !== undefined && row.leafIndex !== finding.leafIndex && same(row.leafHash, hash))
      return moved(finding.auditEventId, `The event in this place was sealed in place ${row.leafIndex}.`);
    const bad = pair === undefined ? undefined : badOf(pair, row);
    if (bad !== undefined)
      return {
        ...moved(
          bad.auditEventId,
          `In this place event ${row.auditEventId ?? ''} was sealed, now in ${row.leafIndex}.`,
        ),
        leafIndex: bad.leafIndex,
        lastIndex: null,
      };
  }
  return finding;
}

/** Which of the two is bad, where this row's leaf in its place gives the hash that they should have together. */
function badOf({ first, second, parent }: Pair, { leafHash }: LogRow): LogRow | undefined {
  if (same(nodeHash(leafHash, second.leafHash), parent)) return first;
  if (same(nodeHash(first.leafHash, leafHash), parent)) return second;
  return same(nodeHash(second.leafHash, first.leafHash), parent) ? first : undefined;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
