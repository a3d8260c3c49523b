import type { EntityManager } from 'typeorm';
import type { Finding } from './log.check.js';
import { LAST_PLACE } from './log.rows.js';
import { forgedCheckpoint } from './signed.roots.js';

/** A checkpoint as the database has it. */
export interface StoredNote {
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
}

/** What is held against each other. */
interface Evidence {
  readonly verifierKey: string;
  readonly stored: readonly StoredNote[];
  /** The sizes of the signed checkpoints in the file outside. */
  readonly inFile: { readonly name: string; readonly sizes: readonly string[] };
  readonly strayNodes: number;
}

/** The size that a note says it was signed for. */
export function sizeIn(note: string): string {
  return note.split('\n', 2)[1] ?? '';
}

/** What was changed around the log and is not met on the way along its leaves. */
export async function findingsBesideTheLog(manager: EntityManager, evidence: Evidence): Promise<Finding[]> {
  return [
    ...misfiled(evidence.stored),
    ...missing(evidence),
    ...stray(evidence.strayNodes),
    ...(await misplaced(manager)),
    ...(await otherKeys(manager, evidence)),
  ];
}

/** Checkpoints whose columns say something else than their signed note. */
function misfiled(stored: readonly StoredNote[]): Finding[] {
  return stored
    .filter(({ size, root, note }) => {
      const [, signedSize, signedRoot] = note.split('\n', 3);
      return signedSize !== size || signedRoot !== root.toString('base64');
    })
    .map(({ size }) =>
      forgedCheckpoint(`The checkpoint filed under ${size} events was signed for another log.`),
    );
}

/** The database has every checkpoint before the file has it. */
function missing({ stored, inFile }: Evidence): Finding[] {
  const known = new Set(stored.flatMap(({ size, note }) => [size, sizeIn(note)]));
  const gone = new Set(inFile.sizes.filter((size) => !known.has(size)));
  const [first] = gone;
  if (first === undefined) return [];
  return [
    aside(
      'REMOVED',
      `${gone.size} of the checkpoints in ${inFile.name} are gone from the database, the first of them of ${first} ` +
        'events: somebody took them out, or the database was restored from an older state.',
    ),
  ];
}

/** The sealer would stumble over them. */
function stray(nodes: number): Finding[] {
  if (nodes === 0) return [];
  return [
    aside(
      'INSERTED',
      `${nodes} nodes of the stored tree lie beyond its last event: they were put there from outside.`,
    ),
  ];
}

/** Events with a leaf in a place that no log can have: they would count as sealed, and be checked by nobody. */
async function misplaced(manager: EntityManager): Promise<Finding[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT audit_event_id AS id FROM audit.audit_log_leaf
     WHERE leaf_index IS NULL OR leaf_index < 0 OR leaf_index > $1 ORDER BY audit_event_id`,
    [LAST_PLACE],
  );
  const detail = 'It claims to be sealed in a place that no log has: it was put there from outside.';
  return rows.map(({ id }) => aside('INSERTED', detail, id));
}

/** The key on record makes no event true or false, but an instance seals with no other. */
async function otherKeys(manager: EntityManager, { verifierKey, stored }: Evidence): Promise<Finding[]> {
  const rows = await manager.query<{ key: string }[]>('SELECT verifier_key AS key FROM audit.audit_log_key');
  const [recorded] = rows;
  if (rows.length <= 1 && recorded?.key === verifierKey) return [];
  if (recorded === undefined && stored.length === 0) return [];
  const keys = rows.map(({ key }) => key).join(', ') || 'none';
  return [
    aside(
      'REWRITTEN',
      `The key of the log on record in the database (${keys}) is not the one that this check trusts (${verifierKey}).`,
    ),
  ];
}

/** A finding that is about no place of the log. */
function aside(what: Finding['what'], detail: string, auditEventId: string | null = null): Finding {
  return { what, leafIndex: null, lastIndex: null, auditEventId, detail };
}
