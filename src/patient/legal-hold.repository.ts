import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RESTORER_ROLE, runInPipeline, workAs } from '../postgres/index.js';
import { namesOfChanged, PATIENT_ID, rootTable } from '../shards/index.js';
import { writeRecord } from './kept.record.js';
import { LegalHold } from './legal-hold.entity.js';
import { PatientCameBack } from './patient.errors.js';
import { lockedStateOf } from './patient.lock.js';

const TABLE = 'sharded_legal_hold';
const HOLDS = `patient.${TABLE}`;

/** The columns of a hold that was placed, in the order of their parameters. */
const PLACED = [
  ...[PATIENT_ID, 'hold_id', 'reason', 'reference', 'placed_by', 'placed_at', 'placed_event_id'],
  ...['released_by', 'released_at', 'release_ground', 'released_event_id'],
];
const PLACE = `INSERT INTO ${HOLDS} (${PLACED.join(', ')}) VALUES (${PLACED.map((_, at) => `$${at + 1}`).join(', ')})
  RETURNING ${namesOfChanged(PLACED)}`;
/** The same of one that is released, but for when it was placed: that may be finer than a time of JavaScript. */
const RELEASED = PLACED.filter((column) => column !== 'placed_at');
const RELEASE = `UPDATE ${HOLDS} SET ${RELEASED.flatMap((column, at) => (column.startsWith('release') ? [`${column} = $${at + 1}`] : [])).join(', ')}
  WHERE ${PATIENT_ID} = $1 AND hold_id = $2 RETURNING ${namesOfChanged(RELEASED)}`;

/** Of those that stand: whoever else releases one waits. */
const LOCK_HOLDS = `SELECT FROM ${HOLDS} WHERE ${PATIENT_ID} = $1 AND released_at IS NULL ORDER BY hold_id FOR UPDATE`;

/**
 * A patient under the lock: live, deleted by a deletion of Silgi's, hidden by the hospital's own system, or not there. Of the last two nothing
 * is locked but their holds: no deletion and no restoration comes to them.
 */
export type HeldState = 'LIVE' | { readonly deletionId: string } | 'HIDDEN' | 'GONE';

/** Places and releases legal holds, in transactions that work as the role which may. */
@Injectable()
export class LegalHoldRepository {
  /**
   * Takes the lock under which a deletion and a restoration look for holds (RELIABILITY rule 1), whether the patient is
   * live or deleted, and that of his holds; from then on the transaction works as the role that writes holds.
   */
  async lock(manager: EntityManager, patientId: string): Promise<HeldState> {
    const state = await lockedStateOf(manager, patientId, 'FOR NO KEY UPDATE');
    const values = [patientId];
    await runInPipeline(manager, [
      { text: workAs(RESTORER_ROLE), values: [] },
      { text: LOCK_HOLDS, values, table: TABLE },
    ]);
    if (state === undefined) return 'GONE';
    const [isDeleted, deletionId] = state;
    if (isDeleted !== 't') return 'LIVE';
    if (typeof deletionId !== 'string') return 'HIDDEN';
    const root = rootTable();
    const lock = { text: root.strategy.lockHidden(root), values, table: root.table };
    const [[locked] = []] = await runInPipeline(manager, [lock]);
    if (locked?.[1] !== deletionId) throw new PatientCameBack();
    return { deletionId };
  }

  /** Every hold of the patient, released ones too, the oldest first. */
  ofPatient(manager: EntityManager, patientId: string): Promise<LegalHold[]> {
    return manager.find(LegalHold, { where: { patientId }, order: { holdId: 'ASC' } });
  }

  /** @throws TableFailure where it was not kept, or otherwise than it was written */
  async place(manager: EntityManager, hold: Readonly<LegalHold>): Promise<void> {
    await keep(manager, PLACE, PLACED, hold);
  }

  /**
   * @param hold as it is to be, with its release
   * @throws TableFailure where it was not kept so
   */
  async release(manager: EntityManager, hold: Readonly<LegalHold>): Promise<void> {
    await keep(manager, RELEASE, RELEASED, hold);
  }

  /**
   * Learns whether a hold, or its release, whose COMMIT was never acknowledged has committed (RELIABILITY rule 11): the
   * lock waits until the server knows. The caller rolls this transaction back.
   *
   * @param eventId of the audit event that went with it
   */
  async hasCommitted(manager: EntityManager, patientId: string, eventId: string): Promise<boolean> {
    await this.lock(manager, patientId);
    const holds = await this.ofPatient(manager, patientId);
    return holds.some(
      ({ placedEventId, releasedEventId }) => placedEventId === eventId || releasedEventId === eventId,
    );
  }
}

async function keep(
  manager: EntityManager,
  text: string,
  columns: readonly string[],
  hold: Readonly<LegalHold>,
): Promise<void> {
  const written: Readonly<Record<string, string | null>> = {
    [PATIENT_ID]: hold.patientId,
    hold_id: hold.holdId,
    reason: hold.ground,
    reference: hold.reference,
    placed_by: hold.placedBy,
    placed_at: hold.placedAt.toISOString(),
    placed_event_id: hold.placedEventId,
    released_by: hold.releasedBy,
    released_at: hold.releasedAt?.toISOString() ?? null,
    release_ground: hold.releaseGround,
    released_event_id: hold.releasedEventId,
  };
  const values = columns.map((column) => written[column] ?? null);
  await writeRecord(manager, { text, values, table: TABLE, what: 'The legal hold' });
}
