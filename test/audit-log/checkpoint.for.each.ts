import { appendFile } from 'node:fs/promises';
import {
  type AuditLogKey,
  checkpointText,
  leafBytes,
  leafHash,
  sealedLeafOf,
} from '../../src/transparency-log/index.js';
import type { SealableEvent } from '../../src/transparency-log/index.js';
import { GrowingTree } from '../../src/transparency-log/merkle.js';
import { SEALABLE_COLUMNS } from '../../src/transparency-log/sealable.columns.js';

/** Runs one statement. */
type Query = <Row extends object>(sql: string, params?: unknown[]) => Promise<Row[]>;

const PIECE = 5_000;

const NEXT = `
  SELECT ${SEALABLE_COLUMNS} FROM audit.sharded_audit_event e
  WHERE e.audit_event_id > $1 ORDER BY e.audit_event_id LIMIT ${PIECE}`;
const LEAVES = `
  INSERT INTO audit.audit_log_leaf (leaf_index, audit_event_id, leaf_hash)
  SELECT $1::bigint + at - 1, id, decode(hash, 'hex') FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS new (id, hash, at)`;
const NODES = `
  INSERT INTO audit.audit_log_node (level, index, hash)
  SELECT level, index, decode(hash, 'hex') FROM unnest($1::int[], $2::bigint[], $3::text[]) AS new (level, index, hash)`;
const CHECKPOINTS = `
  INSERT INTO audit.audit_log_checkpoint (tree_size, root_hash, note, horizon, signed_at)
  SELECT $1::bigint + at, decode(root, 'hex'), convert_to(note, 'UTF8'), pg_snapshot_xmin(pg_current_snapshot()), now()
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS new (root, note, at)`;

/**
 * Seals every event of a log of which nothing is sealed yet, with a checkpoint for each, in the database and in the
 * file: what a sealer leaves that was never behind, without its rounds.
 */
export async function sealEachEvent(
  query: Query,
  { signer, verifierKey }: AuditLogKey,
  file: string,
): Promise<void> {
  const tree = new GrowingTree();
  const [, keyId] = verifierKey.split('+');
  await query('INSERT INTO audit.audit_log_key VALUES ($1, $2, now())', [keyId, verifierKey]);
  for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
    const events = await query<SealableEvent>(NEXT, [last]);
    const { size: from } = tree;
    const leaves = events.map((event) => leafHash(leafBytes(sealedLeafOf(event))));
    const grown = leaves.map((leaf) => {
      const nodes = tree.append(leaf);
      const root = tree.root();
      return {
        nodes,
        root,
        note: signer.sign(checkpointText({ origin: signer.name, size: tree.size, root })),
      };
    });
    const nodes = grown.flatMap((each) => each.nodes);
    await query(LEAVES, [from, events.map(({ auditEventId }) => auditEventId), leaves.map(hex)]);
    await query(NODES, [
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => index),
      nodes.map(({ hash }) => hex(hash)),
    ]);
    await query(CHECKPOINTS, [from, grown.map(({ root }) => hex(root)), grown.map(({ note }) => note)]);
    await appendFile(file, grown.map(({ note }) => `${note}\n`).join(''));
    if (events.length < PIECE) return;
    last = events.at(-1)?.auditEventId ?? last;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
