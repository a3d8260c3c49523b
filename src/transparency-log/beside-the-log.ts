import type { EntityManager } from 'typeorm';
import type { Finding } from './log.check.js';
import { LAST_PLACE } from './log.rows.js';

/** What is held against each other. */
interface Evidence {
  readonly verifierKey: string;
  /** Checkpoints in the database. */
  readonly checkpoints: number;
  readonly strayNodes: number;
}

/** What was changed around the log and is not met on the way along its leaves. */
export async function findingsBesideTheLog(manager: EntityManager, evidence: Evidence): Promise<Finding[]> {
  return [
    ...stray(evidence.strayNodes),
    ...(await misplaced(manager)),
    ...(await otherKeys(manager, evidence)),
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
async function otherKeys(manager: EntityManager, { verifierKey, checkpoints }: Evidence): Promise<Finding[]> {
  const rows = await manager.query<{ key: string }[]>('SELECT verifier_key AS key FROM audit.audit_log_key');
  const [recorded] = rows;
  if (rows.length <= 1 && recorded?.key === verifierKey) return [];
  if (recorded === undefined && checkpoints === 0) return [];
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
