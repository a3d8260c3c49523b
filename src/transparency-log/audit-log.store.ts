import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { inTransaction, isOpen, setLocally, unhurried } from '../postgres/index.js';
import type { SealableEvent } from './leaf.js';
import type { NodeLookup, NodePlace, ProofPlan } from './merkle.js';
import { SEALABLE_COLUMNS } from './sealable.columns.js';

/** A place in the order in which events are sealed: by the transaction that wrote them, and their id. */
export interface SealingPlace {
  /** An xid8 in decimal. */
  readonly writer: string;
  readonly auditEventId: string;
}

/** Before every event of this transaction and of later ones. */
export function beforeAllOf(writer: string): SealingPlace {
  return { writer, auditEventId: '00000000-0000-0000-0000-000000000000' };
}

/** Before every event there is. */
export const BEGINNING = beforeAllOf('0');

/** The newest checkpoint, as stored. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  /** Every event of an older transaction is sealed by it; an xid8 in decimal. */
  readonly horizon: string;
  /** The horizon lies in this server's future: the database was restored into another one. */
  readonly isForeign: boolean;
}

/** Events that are committed and not sealed. */
export interface Unsealed {
  /** In the order in which they are sealed. */
  readonly events: readonly SealableEvent[];
  /** The transaction that wrote each of them; an xid8 in decimal. */
  readonly writers: readonly string[];
  /** The oldest transaction that was running when the events were read; an xid8 in decimal. */
  readonly oldestRunning: string;
}

/** What one round adds to the log. */
export interface Seal {
  /** Index of the first leaf. */
  readonly from: number;
  readonly leaves: readonly { readonly auditEventId: string; readonly hash: Uint8Array }[];
  readonly nodes: readonly (NodePlace & { readonly hash: Uint8Array })[];
  readonly checkpoint: {
    readonly size: number;
    readonly root: Uint8Array;
    readonly note: string;
    readonly horizon: string;
  };
}

/** The leaf is looked up for each event: read as a join, every leaf there is might be read for a thousand events. */
const UNSEALED = `
  SELECT s.oldest::text AS "oldestRunning", e.*
  FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest) s
  LEFT JOIN LATERAL (
    SELECT e.inserted_by::text AS writer, ${SEALABLE_COLUMNS}
    FROM audit.sharded_audit_event e
    WHERE (e.inserted_by, e.audit_event_id) > ($1::xid8, $2::uuid)
      AND (SELECT l.leaf_index FROM audit.audit_log_leaf l WHERE l.audit_event_id = e.audit_event_id) IS NULL
    ORDER BY e.inserted_by, e.audit_event_id LIMIT $3
  ) e ON true`;

/**
 * How {@link UNSEALED} is planned: the index has the order, and its end comes with the limit. Whoever sorts reads every
 * event for a thousand of them, and the planner cannot tell how many are sealed.
 */
const ALONG_THE_INDEX = { enable_sort: 'off', enable_seqscan: 'off' };

/** Leaves, nodes and checkpoint in one statement: all of it is kept, or nothing. */
const WRITE = `
  WITH leaf AS (
    INSERT INTO audit.audit_log_leaf (leaf_index, audit_event_id, leaf_hash)
    SELECT $1::bigint + position - 1, id, decode(hash, 'hex')
    FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS new (id, hash, position) ORDER BY position
  ), node AS (
    INSERT INTO audit.audit_log_node (level, index, hash)
    SELECT level, index, decode(hash, 'hex') FROM unnest($4::int[], $5::bigint[], $6::text[]) AS new (level, index, hash)
  )
  INSERT INTO audit.audit_log_checkpoint (tree_size, root_hash, note, horizon, signed_at)
  VALUES ($7, decode($8, 'hex'), decode($9, 'hex'), $10::xid8, now())`;

const NODES = `
  SELECT place.level, place.index::text, coalesce(l.leaf_hash, n.hash) AS hash
  FROM unnest($1::int[], $2::bigint[]) AS place (level, index)
  LEFT JOIN audit.audit_log_leaf l ON place.level = 0 AND l.leaf_index = place.index
  LEFT JOIN audit.audit_log_node n ON n.level = place.level AND n.index = place.index`;

/** The tables of the sealed log. It only adds to them. */
@Injectable()
export class AuditLogStore {
  constructor(private readonly manager: EntityManager) {}

  /** Whether there is a database to ask: it is opened behind the start of the service. */
  get isOpen(): boolean {
    return isOpen(this.manager);
  }

  /** The newest checkpoint; undefined where nothing has been sealed. */
  async newest(): Promise<StoredCheckpoint | undefined> {
    const [row] = await this.manager.query<
      { size: string; root: Buffer; note: Buffer; horizon: string; isForeign: boolean }[]
    >(
      `SELECT tree_size AS size, root_hash AS root, note, horizon::text,
         horizon > pg_snapshot_xmax(pg_current_snapshot()) AS "isForeign"
       FROM audit.audit_log_checkpoint ORDER BY tree_size DESC LIMIT 1`,
    );
    return row === undefined ? undefined : { ...row, size: Number(row.size), note: row.note.toString() };
  }

  /**
   * Events that are committed and not sealed, behind a place. None before it is missed, where that place is the horizon
   * of a checkpoint or one that a pass from there has come to (RELIABILITY rule 26).
   *
   * @param isThorough it may take longer than other statements
   */
  async unsealed(after: SealingPlace, limit: number, isThorough: boolean): Promise<Unsealed> {
    const read = (manager: EntityManager) =>
      manager.query<UnsealedRow[]>(UNSEALED, [after.writer, after.auditEventId, limit]);
    const forEach = (text: (name: string, value: string) => string) =>
      Object.entries(ALONG_THE_INDEX)
        .map(([name, value]) => text(name, value))
        .join('; ');
    const thoroughly = async (manager: EntityManager) => {
      await manager.query(forEach((name, value) => `SET ${name} = ${value}`));
      try {
        return await read(manager);
      } finally {
        // A session that is lost takes its settings with it, and the first error is the one that counts.
        await manager.query(forEach((name) => `RESET ${name}`)).catch(() => undefined);
      }
    };
    const rows = await (isThorough
      ? unhurried(this.manager, thoroughly)
      : inTransaction(this.manager, read, setLocally(ALONG_THE_INDEX)));
    const found = rows.filter((row) => row.writer !== null);
    return {
      events: found,
      writers: found.map(({ writer }) => writer ?? ''),
      oldestRunning: rows[0]?.oldestRunning ?? BEGINNING.writer,
    };
  }

  /** @throws the database's 23505 where another instance was faster; nothing of this seal is kept then */
  async write({ from, leaves, nodes, checkpoint }: Seal): Promise<void> {
    await this.manager.query(WRITE, [
      from,
      leaves.map(({ auditEventId }) => auditEventId),
      leaves.map(({ hash }) => hex(hash)),
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => index),
      nodes.map(({ hash }) => hex(hash)),
      checkpoint.size,
      hex(checkpoint.root),
      hex(Buffer.from(checkpoint.note)),
      checkpoint.horizon,
    ]);
  }

  /** Finds the hashes that a plan asks for, all in one statement; a missing one is all zeros, and proves nothing. */
  async nodesOf(plan: ProofPlan): Promise<NodeLookup> {
    const places = plan.flat();
    const rows = await this.manager.query<{ level: number; index: string; hash: Buffer | null }[]>(NODES, [
      places.map(({ level }) => level),
      places.map(({ index }) => index),
    ]);
    const found = new Map(rows.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
    return ({ level, index }) => found.get(`${level}/${index}`) ?? new Uint8Array(32);
  }

  /** The leaf of an event; undefined where it is not sealed. */
  async leafOf(auditEventId: string): Promise<{ index: number; hash: Uint8Array } | undefined> {
    const [row] = await this.manager.query<{ index: string; hash: Buffer }[]>(
      'SELECT leaf_index AS index, leaf_hash AS hash FROM audit.audit_log_leaf WHERE audit_event_id = $1',
      [auditEventId],
    );
    return row === undefined ? undefined : { index: Number(row.index), hash: row.hash };
  }

  /** An event with all that its seal covers. */
  async eventOf(auditEventId: string): Promise<SealableEvent | undefined> {
    const [row] = await this.manager.query<SealableEvent[]>(
      `SELECT ${SEALABLE_COLUMNS} FROM audit.sharded_audit_event e WHERE e.audit_event_id = $1`,
      [auditEventId],
    );
    return row;
  }

  /** Checkpoints of more leaves than these, smallest first. */
  async notesAfter(size: number, limit: number): Promise<string[]> {
    const rows = await this.manager.query<{ note: Buffer }[]>(
      'SELECT note FROM audit.audit_log_checkpoint WHERE tree_size > $1 ORDER BY tree_size LIMIT $2',
      [size, limit],
    );
    return rows.map(({ note }) => note.toString());
  }

  /** The one key of this log: the given one where none was on record. */
  async keyOnRecord(keyId: string, verifierKey: string): Promise<string> {
    const read = () =>
      this.manager.query<{ key: string }[]>('SELECT verifier_key AS key FROM audit.audit_log_key LIMIT 1');
    const [recorded] = await read();
    if (recorded !== undefined) return recorded.key;
    await this.manager.query(
      'INSERT INTO audit.audit_log_key (key_id, verifier_key, since) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING',
      [keyId, verifierKey],
    );
    return (await read())[0]?.key ?? '';
  }
}

type UnsealedRow = SealableEvent & { readonly oldestRunning: string; readonly writer: string | null };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
