import type { EntityManager } from 'typeorm';
import type { SealableEvent } from './leaf.js';
import type { LogRow } from './log.check.js';
import { SEALABLE_COLUMNS } from './sealable.columns.js';

const BATCH = 2_000;
/** Strings whole, so that digits in them are not taken for numbers. */
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Places beyond it are no whole numbers here any more, and no log gets there. */
export const LAST_PLACE = Number.MAX_SAFE_INTEGER - 1;

type StoredRow = Omit<SealableEvent, 'auditEventId'> & {
  readonly leafIndex: string;
  readonly leafId: string;
  readonly leafHash: Buffer;
  readonly auditEventId: string | null;
  /** The JSON of the event as the database writes it. */
  readonly json: string;
};

interface StoredNode {
  readonly level: number;
  readonly index: string;
  readonly hash: Buffer;
}

/** How large the log is, by what is stored, at one moment. */
export interface LogSize {
  /** The size of the newest checkpoint. */
  readonly size: number;
  /** How many leaves there are by their highest index. */
  readonly leaves: number;
  /** Stored subtrees that reach beyond the last leaf. */
  readonly strayNodes: number;
}

/** Places that no log can have are left out: {@link findingsBesideTheLog} has them. */
export async function logSize(manager: EntityManager): Promise<LogSize> {
  const [row] = await manager.query<{ size: string; leaves: string; stray: string }[]>(
    `SELECT c.size, l.leaves, (SELECT count(*) FROM audit.audit_log_node
         WHERE CASE WHEN level < 63 THEN (index + 1::numeric) * 2::numeric ^ level > l.leaves ELSE true END) AS stray
     FROM (SELECT coalesce(max(tree_size), 0) AS size FROM audit.audit_log_checkpoint WHERE tree_size <= $1) c,
       (SELECT coalesce(max(leaf_index) + 1, 0) AS leaves FROM audit.audit_log_leaf WHERE leaf_index <= $1) l`,
    [LAST_PLACE],
  );
  return { size: Number(row?.size), leaves: Number(row?.leaves), strayNodes: Number(row?.stray) };
}

/**
 * The sealed log in the order of its leaves, with the events as they are now, batch by batch.
 *
 * @param end only leaves before this index: what is sealed in the meantime is left out
 */
export async function* rowsOf(manager: EntityManager, end: number): AsyncGenerator<LogRow> {
  for (let last = -1; ;) {
    const rows = await manager.query<StoredRow[]>(
      `SELECT l.leaf_index AS "leafIndex", l.audit_event_id AS "leafId", l.leaf_hash AS "leafHash", ${SEALABLE_COLUMNS},
         concat_ws(' ', e.purged, e.failure, e.actor_source) AS json
       FROM (SELECT * FROM audit.audit_log_leaf WHERE leaf_index > $1 AND leaf_index < $2
             ORDER BY leaf_index FETCH FIRST ${BATCH} ROWS WITH TIES) l
       LEFT JOIN audit.sharded_audit_event e ON e.audit_event_id = l.audit_event_id
       ORDER BY l.leaf_index`,
      [last, end],
    );
    const [first] = rows;
    if (first === undefined) return;
    const upTo = Number(rows.at(-1)?.leafIndex) + 1;
    const nodes = await nodesCompletedBy(manager, Number(first.leafIndex), upTo);
    for (const { leafIndex, leafId, leafHash, auditEventId, json, ...rest } of rows) {
      const index = Number(leafIndex);
      yield {
        leafIndex: index,
        auditEventId: leafId,
        leafHash,
        event: auditEventId === null ? undefined : { ...rest, auditEventId },
        isLossy: isLossy(json),
        nodes: placesCompletedBy(index).map((place) => nodes.get(place)),
      };
    }
    last = upTo - 1;
  }
}

/** Whether the JSON says something else than what is read of it: a number that JavaScript rounds or writes otherwise. */
function isLossy(json: string): boolean {
  return (json.match(STRINGS_AND_NUMBERS) ?? []).some(
    (one) => !one.startsWith('"') && String(Number(one)) !== one,
  );
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
