import type { EntityManager } from 'typeorm';
import type { SealableEvent } from './leaf.js';
import type { LogRow } from './log.check.js';
import { SEALABLE_COLUMNS } from './sealable.columns.js';

const BATCH = 2_000;

type StoredRow = Omit<SealableEvent, 'auditEventId'> & {
  readonly leafIndex: string;
  readonly leafId: string;
  readonly leafHash: Buffer;
  readonly auditEventId: string | null;
};

interface StoredNode {
  readonly level: number;
  readonly index: string;
  readonly hash: Buffer;
}

/** The size of the newest checkpoint, and how many leaves there are by their highest index, at one moment. */
export async function logSize(manager: EntityManager): Promise<{ size: number; leaves: number }> {
  const [row] = await manager.query<{ size: string; leaves: string }[]>(
    `SELECT coalesce((SELECT max(tree_size) FROM audit.audit_log_checkpoint), 0) AS size,
       coalesce((SELECT max(leaf_index) + 1 FROM audit.audit_log_leaf), 0) AS leaves`,
  );
  return { size: Number(row?.size), leaves: Number(row?.leaves) };
}

/**
 * The sealed log in the order of its leaves, with the events as they are now, batch by batch.
 *
 * @param end only leaves before this index: what is sealed in the meantime is left out
 */
export async function* rowsOf(manager: EntityManager, end: number): AsyncGenerator<LogRow> {
  for (let last = -1; ;) {
    const rows = await manager.query<StoredRow[]>(
      `SELECT l.leaf_index AS "leafIndex", l.audit_event_id AS "leafId", l.leaf_hash AS "leafHash", ${SEALABLE_COLUMNS}
       FROM (SELECT * FROM audit.audit_log_leaf WHERE leaf_index > $1 AND leaf_index < $2
             ORDER BY leaf_index LIMIT ${BATCH}) l
       LEFT JOIN audit.sharded_audit_event e ON e.audit_event_id = l.audit_event_id
       ORDER BY l.leaf_index`,
      [last, end],
    );
    const [first] = rows;
    if (first === undefined) return;
    const upTo = Number(rows.at(-1)?.leafIndex) + 1;
    const nodes = await nodesCompletedBy(manager, Number(first.leafIndex), upTo);
    for (const { leafIndex, leafId, leafHash, auditEventId, ...rest } of rows) {
      const index = Number(leafIndex);
      yield {
        ...{ leafIndex: index, auditEventId: leafId, leafHash },
        event: auditEventId === null ? undefined : { ...rest, auditEventId },
        nodes: placesCompletedBy(index).map((place) => nodes.get(place)),
      };
    }
    last = upTo - 1;
  }
}

/** The stored complete subtrees whose last leaf is one of these, by `level/index`. */
async function nodesCompletedBy(
  manager: EntityManager,
  from: number,
  upTo: number,
): Promise<Map<string, Uint8Array>> {
  const levels: number[] = [];
  for (let level = 1; 2 ** level <= upTo; level++) levels.push(level);
  const place = (leaf: number) => levels.map((level) => Math.floor(leaf / 2 ** level));
  const rows = await manager.query<StoredNode[]>(
    `SELECT n.level, n.index::text, n.hash
     FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS range (level, first, ending)
     JOIN audit.audit_log_node n ON n.level = range.level AND n.index >= range.first AND n.index < range.ending`,
    [levels, place(from), place(upTo)],
  );
  return new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
}

/** The places, as `level/index`, of the subtrees that are complete with this leaf, lowest first. */
function placesCompletedBy(leaf: number): string[] {
  const places: string[] = [];
  for (let level = 1; (leaf + 1) % 2 ** level === 0; level++)
    places.push(`${level}/${(leaf + 1) / 2 ** level - 1}`);
  return places;
}
