import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { TableFailure } from '../common/index.js';
import { RESTORER_ROLE, runInPipeline, workAs } from '../postgres/index.js';
import {
  adoptedTables,
  type DeletionKey,
  emptyingVault,
  type MovedState,
  namesOfChanged,
  PATIENT_ID,
  type ResourceCount,
  type RestorationVote,
  rootTable,
  type ShardName,
} from '../shards/index.js';
import { DeletionNotFound, PatientNotFound } from './patient.errors.js';
import { PatientDeletion } from './patient-deletion.entity.js';

const TABLE = 'sharded_patient_deletion';
const RECORD = `patient.${TABLE}`;
const OF_DELETION = `WHERE ${PATIENT_ID} = $1 AND deletion_id = $2`;
const LOCK = `SELECT FROM ${RECORD} ${OF_DELETION} FOR UPDATE`;

/** The columns that an undone record gets, in the order of their parameters, behind the key. */
const UNDONE = [
  ...['state', 'restored_at', 'restored_by', 'restoration_reason', 'restoration_event_id'],
  ...['restoration_key', 'restoration_digest', 'restoration_answer'],
];
const UNDO = `UPDATE ${RECORD} SET ${UNDONE.map((column, at) => `${column} = $${at + 3}`).join(', ')}
  ${OF_DELETION} RETURNING ${namesOfChanged([PATIENT_ID, 'deletion_id', ...UNDONE])}`;

const CHECK_NOW = 'SET CONSTRAINTS ALL IMMEDIATE';

/** What has come back to a table of a hospital's own. */
export interface ReturnedRows extends ResourceCount {
  readonly shard: ShardName;
  /** Rows of the patient that are also somebody's who is deleted. */
  readonly ofOthers: number;
}

/** What a restoration adds to the record. */
export type RestorationOutcome = {
  readonly [Column in 'restoredAt' | 'restoredBy' | 'restorationReason' | 'restorationEventId']: NonNullable<
    PatientDeletion[Column]
  >;
} & Pick<PatientDeletion, 'restorationKey' | 'restorationDigest' | 'restorationAnswer'>;

/** Undoes records of deletions, in transactions that work as the role that restores. */
@Injectable()
export class RestorationRepository {
  /** From here to its end the transaction can take marks back, and neither mark nor claim any more. */
  async workAsRestorer(manager: EntityManager): Promise<void> {
    await runInPipeline(manager, [{ text: workAs(RESTORER_ROLE), values: [] }]);
  }

  /**
   * Takes the lock of the demographics row under which everything else is read and counted (RELIABILITY rule 1), where
   * this deletion hides it.
   *
   * @returns whether it does, and the lock is had
   * @throws PatientNotFound
   */
  async lockHidden(manager: EntityManager, { patientId, deletionId }: DeletionKey): Promise<boolean> {
    const root = rootTable();
    const texts = [root.strategy.lockHidden(root), root.strategy.stateOf(root)];
    const [locked, seen] = await runInPipeline(
      manager,
      texts.map((text) => ({ text, values: [patientId], table: root.table })),
    );
    // The lock finds rows of deletions only: where it finds none, the patient may be there all the same.
    if (seen?.[0] === undefined) throw new PatientNotFound(patientId);
    return locked?.[0]?.[1] === deletionId;
  }

  /**
   * Reads the record, locked where it is that of a deletion in force. It waits for whoever undoes it meanwhile, and tells
   * of what came of that.
   *
   * @throws DeletionNotFound
   */
  async read(manager: EntityManager, { patientId, deletionId }: DeletionKey): Promise<PatientDeletion> {
    await runInPipeline(manager, [{ text: LOCK, values: [patientId, deletionId], table: TABLE }]);
    const record = await manager.findOneBy(PatientDeletion, { patientId, deletionId });
    if (record === null) throw new DeletionNotFound();
    return record;
  }

  /**
   * Has the database check now what it was to check at the commit: whatever may refuse the rows that came back refuses
   * them while it is known where.
   */
  async checkConstraints(manager: EntityManager): Promise<void> {
    await runInPipeline(manager, [{ text: CHECK_NOW, values: [] }]);
  }

  /**
   * The same when all rows are back; and then takes those that have come back to a hospital's own tables out of the vault.
   *
   * @param votes what the shards have answered to the same restoration
   * @returns what has come back to them; undefined of Silgi's own, whose marks were counted as they were taken back
   */
  async settle(
    manager: EntityManager,
    { patientId, deletionId }: DeletionKey,
    votes: readonly RestorationVote[],
  ): Promise<ReturnedRows[] | undefined> {
    const { owned } = adoptedTables() ?? {};
    if (owned === undefined) {
      await this.checkConstraints(manager);
      return undefined;
    }
    const tables = votes.flatMap(({ shard, resources, states }) =>
      owned
        .filter((table) => table.shard === shard)
        .map((table, at) => ({ table, voted: resources[at], state: states[at] as MovedState })),
    );
    const text = emptyingVault(
      tables.map(({ table }) => table.moved),
      tables.map(({ state }) => state),
    );
    const [, [figures = []] = []] = await runInPipeline(manager, [
      { text: CHECK_NOW, values: [] },
      { text, values: [patientId, deletionId] },
    ]);
    return tables.map(({ table: { shard, name, resourceType }, voted, state }, at) => {
      const [same, present, ofOthers] = figures.slice(3 * at, 3 * at + 3).map(Number);
      const added = Number(present) - state.rows;
      // What is as it was comes first; where it all is, what came beside it.
      const rows = same === voted?.rows ? added : Number(same);
      return { shard, table: name, resourceType, rows, ofOthers: Number(ofOthers) };
    });
  }

  /**
   * Makes the record that of a deletion that was undone, and has the database compare all of it with what was written.
   *
   * @throws TableFailure where it is not in force any more, or another record was kept; then with the columns that differ
   */
  async undo(
    manager: EntityManager,
    { patientId, deletionId }: DeletionKey,
    outcome: RestorationOutcome,
  ): Promise<void> {
    const values = [
      patientId,
      deletionId,
      'RESTORED',
      outcome.restoredAt.toISOString(),
      outcome.restoredBy,
      outcome.restorationReason,
      outcome.restorationEventId,
      outcome.restorationKey,
      outcome.restorationDigest,
      outcome.restorationAnswer,
    ];
    const [kept] = await runInPipeline(manager, [{ text: UNDO, values }]);
    if (kept?.length !== 1) throw new TableFailure(TABLE, new Error('The record was not kept as undone.'));
    const [[changed] = []] = kept;
    if (changed !== '')
      throw new TableFailure(
        TABLE,
        new Error(`The record was kept otherwise than it was written: ${changed ?? ''}.`),
      );
  }

  /**
   * Learns whether a restoration whose COMMIT was never acknowledged has committed (RELIABILITY rule 11): the lock waits
   * until the server knows. The caller rolls this transaction back.
   */
  async hasCommitted(manager: EntityManager, deletion: DeletionKey, eventId: string): Promise<boolean> {
    await this.workAsRestorer(manager);
    const { restorationEventId } = await this.read(manager, deletion);
    return restorationEventId === eventId;
  }
}
