import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  type Blocker,
  type DeletionMark,
  namesOfChanged,
  PATIENT_ID,
  PatientOwnedRepository,
  rootTable,
  type Vote,
} from '../shards/index.js';
import { standingRequests } from './erasure-request.states.js';
import { PatientAlreadyDeleted, PatientNotFound, RequestInProgress } from './patient.errors.js';
import { lockedStateOf } from './patient.lock.js';
import { runInPipeline, type TableStatement, type TextRows } from '../postgres/index.js';
import { sqlstateOf, TableFailure } from '../common/index.js';
import type { PatientDeletion } from './patient-deletion.entity.js';

/** The key under which a deletion is known, and everything known of it before its first row is marked. */
export type DeletionClaim = Pick<
  PatientDeletion,
  | 'patientId'
  | 'deletionId'
  | 'reason'
  | 'legalBasis'
  | 'requestedBy'
  | 'requestedAt'
  | 'requestId'
  | 'erasureRequestId'
  | 'idempotencyKey'
  | 'requestDigest'
>;

/** What a finished deletion adds to its claim. */
export type DeletionOutcome = Required<
  Pick<PatientDeletion, 'deletedAt' | 'shards' | 'auditEventId' | 'answer'>
> & { readonly totalRows: number };

/** An earlier deletion that holds the same idempotency key. */
export type EarlierDeletion = Pick<PatientDeletion, 'deletionId' | 'requestDigest' | 'answer'>;

/** For the one statement between them: a quarter of a second, and then what was before. */
const WAIT_SHORTLY: TableStatement = {
  text: `SELECT set_config('silgi.lock_timeout', current_setting('lock_timeout'), true),
      set_config('lock_timeout', '250ms', true)`,
  values: [],
};
const WAIT_AS_BEFORE: TableStatement = {
  text: `SELECT set_config('lock_timeout', current_setting('silgi.lock_timeout'), true)`,
  values: [],
};

/** The columns of a finished record, in the order of their parameters: the key, the outcome, and the claim. */
const RECORD_COLUMNS = [
  ...[PATIENT_ID, 'deletion_id'],
  ...['deleted_at', 'shards', 'total_rows', 'audit_event_id', 'answer', 'state'],
  ...[
    'reason',
    'legal_basis',
    'requested_by',
    'requested_at',
    'request_id',
    'idempotency_key',
    'request_digest',
    'erasure_request_id',
  ],
];
const COMPLETE = `UPDATE patient.sharded_patient_deletion
  SET deleted_at = $3, shards = $4, total_rows = $5, audit_event_id = $6, answer = $7, state = $8
  WHERE ${PATIENT_ID} = $1 AND deletion_id = $2 RETURNING ${namesOfChanged(RECORD_COLUMNS)}`;

/** Of one that this patient has; the day says nothing of it. */
const STATE_OF_REQUEST = `SELECT state FROM (${standingRequests(`WHERE ${PATIENT_ID} = $2 AND erasure_request_id = $3`)}) named`;

/** The patient shard: demographics, the records of deletions, legal holds. */
@Injectable()
export class PatientRepository extends PatientOwnedRepository {
  readonly shard = 'patient';

  /**
   * Claims the deletion by inserting its record: idempotency key and deletion id meet here. A claim that meets
   * the same key in a running transaction waits for it a quarter of a second.
   *
   * @param mayRepeat whether the key may have been used
   * @returns the earlier deletion where the same patient has one under this idempotency key
   * @throws RequestInProgress where the request that holds the key is still running, or was not expected
   */
  async claim(
    manager: EntityManager,
    claim: DeletionClaim,
    mayRepeat: boolean,
  ): Promise<EarlierDeletion | undefined> {
    const hasKey = claim.idempotencyKey !== null;
    try {
      if (mayRepeat) {
        const [, inserted] = await runInPipeline(manager, [WAIT_SHORTLY, insertOf(claim), WAIT_AS_BEFORE]);
        if (inserted?.length === 1) return undefined;
      } else if (await this.insertClaim(manager, claim)) return undefined;
    } catch (error) {
      throw hasKey && sqlstateOf(error) === '55P03' ? new RequestInProgress() : error;
    }
    if (!mayRepeat) throw hasKey ? new RequestInProgress() : recordNotKept();
    const [earlier] = await manager.query<EarlierDeletion[]>(
      `SELECT deletion_id AS "deletionId", request_digest AS "requestDigest", answer
       FROM patient.sharded_patient_deletion WHERE ${PATIENT_ID} = $1 AND idempotency_key = $2`,
      [claim.patientId, claim.idempotencyKey],
    );
    if (earlier === undefined) throw recordNotKept();
    return earlier;
  }

  /**
   * Takes the row lock under which everything else is read and counted (RELIABILITY rule 1).
   *
   * @throws PatientNotFound
   * @throws PatientAlreadyDeleted with the id of the deletion that won
   */
  async lockDemographics(manager: EntityManager, patientId: string): Promise<void> {
    const row = await lockedStateOf(manager, patientId);
    if (row === undefined) throw new PatientNotFound(patientId);
    const [isDeleted, deletionId] = row;
    if (isDeleted === 't') throw new PatientAlreadyDeleted(patientId, deletionId ?? null);
  }

  /**
   * Which of these patients are there and deleted; those that are live stay so until this transaction ends. Whoever is
   * deleted is asked for once the locks are had: where marks are one-way for the role, a lock finds live rows only.
   */
  async deletedAmong(manager: EntityManager, patientIds: readonly string[]): Promise<Set<string>> {
    const root = rootTable();
    const statements = root.intake?.statements;
    if (statements === undefined) throw new Error(`No patient is taken into ${root.schema}.${root.table}.`);
    const values = [`{${patientIds.join(',')}}`];
    const texts = [statements.keepLive(root), statements.hiddenAmong(root)];
    const [, hidden = []] = await runInPipeline(
      manager,
      texts.map((text) => ({ text, values, table: root.table })),
    );
    return new Set(hidden.map(([patientId]) => patientId ?? ''));
  }

  /** The demographics rows that this very deletion has marked, read back from the table: the guard's figure. */
  async countDemographicsMarked(manager: EntityManager, mark: DeletionMark): Promise<number> {
    const root = rootTable();
    const text = root.strategy.countHidden(root);
    const [[row] = []] = await runInPipeline(manager, [{ text, values: [mark.patientId, mark.deletionId] }]);
    return Number(row?.[0]);
  }

  /**
   * Turns the claim into the deletion's record, and has the database compare all of it with what was written: a
   * trigger or a rule may have changed it.
   *
   * @throws TableFailure where the claim is gone, or another record was kept; then with the columns that differ
   */
  async completeDeletion(
    manager: EntityManager,
    claim: DeletionClaim,
    outcome: DeletionOutcome,
  ): Promise<void> {
    const values = [
      claim.patientId,
      claim.deletionId,
      outcome.deletedAt?.toISOString() ?? null,
      JSON.stringify(outcome.shards),
      String(outcome.totalRows),
      outcome.auditEventId,
      outcome.answer,
      'DELETED',
      claim.reason,
      claim.legalBasis,
      claim.requestedBy,
      claim.requestedAt.toISOString(),
      claim.requestId,
      claim.idempotencyKey,
      claim.requestDigest,
      claim.erasureRequestId,
    ];
    const [kept] = await runInPipeline(manager, [{ text: COMPLETE, values }]);
    if (kept?.length !== 1) throw recordNotKept();
    const [[changed] = []] = kept;
    if (changed !== '') throw recordNotKept(`otherwise than it was written: ${changed ?? ''}`);
  }

  /**
   * Learns whether a deletion whose COMMIT was never acknowledged has committed (RELIABILITY rule 11): an
   * insert under the same key waits until the server knows, and only then is the record read. The caller rolls
   * this transaction back.
   */
  async hasCommitted(manager: EntityManager, claim: DeletionClaim): Promise<boolean> {
    const inserted = await this.insertClaim(manager, { ...claim, idempotencyKey: null });
    return !inserted;
  }

  /** The live demographics rows of the patient, by what hides a row itself: the guard's figure of a restoration. */
  async countDemographicsLive(manager: EntityManager, patientId: string): Promise<number> {
    const root = rootTable();
    const text = `SELECT ${root.strategy.countNotHidden(root)}`;
    const [[row] = []] = await runInPipeline(manager, [{ text, values: [patientId] }]);
    return Number(row?.[0]);
  }

  /**
   * The vote on a deletion that is to fulfil a data subject's request: one that is not this patient's, or was answered
   * otherwise, is a veto.
   *
   * @param erasureRequestId null where it names none
   */
  async voteNaming(
    manager: EntityManager,
    patientId: string,
    erasureRequestId: string | null,
  ): Promise<Vote> {
    const vote = await this.vote(manager, patientId);
    if (erasureRequestId === null) return vote;
    const [[named] = []] = await runInPipeline(manager, [
      { text: STATE_OF_REQUEST, values: ['epoch', patientId, erasureRequestId] },
    ]);
    const state = named?.[0];
    if (state === 'OPEN' || state === 'DEFERRED') return vote;
    const detail = `The erasure request that the deletion names is ${state ?? 'not one of this patient'}; name an open one, or none.`;
    const veto: Blocker = { shard: this.shard, code: 'ERASURE_REQUEST_NOT_OPEN', detail };
    return { ...vote, vetoes: [...vote.vetoes, veto] };
  }

  /** A legal hold that is not released keeps the patient as he is, deleted or not. */
  protected override restorationVetoQueries(patientId: string): readonly TableStatement[] {
    return this.vetoQueries(patientId);
  }

  /** A legal hold that is not released vetoes the deletion; it is read inside the lock. */
  protected override vetoQueries(patientId: string): readonly TableStatement[] {
    const text = `SELECT reason, to_char(placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      FROM patient.sharded_legal_hold WHERE ${PATIENT_ID} = $1 AND released_at IS NULL ORDER BY placed_at`;
    return [{ text, values: [patientId], table: 'sharded_legal_hold' }];
  }

  protected override vetoesIn([holds = []]: readonly TextRows[]): Blocker[] {
    return holds.map(([reason, placedAt]) => ({
      shard: this.shard,
      code: 'LEGAL_HOLD',
      detail: `A legal hold (${reason ?? ''}) stands since ${placedAt ?? ''}; release it first.`,
    }));
  }

  /** @returns false where a record with the same key is there already */
  private async insertClaim(manager: EntityManager, claim: DeletionClaim): Promise<boolean> {
    const [inserted] = await runInPipeline(manager, [insertOf(claim)]);
    return inserted?.length === 1;
  }
}

function insertOf(claim: DeletionClaim): TableStatement {
  return {
    text: `INSERT INTO patient.sharded_patient_deletion
         (${PATIENT_ID}, deletion_id, state, reason, legal_basis, requested_by, requested_at, request_id,
          idempotency_key, request_digest, erasure_request_id)
       VALUES ($1, $2, 'CLAIMED', $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT DO NOTHING RETURNING deletion_id`,
    values: [
      claim.patientId,
      claim.deletionId,
      claim.reason,
      claim.legalBasis,
      claim.requestedBy,
      claim.requestedAt.toISOString(),
      claim.requestId,
      claim.idempotencyKey,
      claim.requestDigest,
      claim.erasureRequestId,
    ],
  };
}

/** @param how it was kept, where it was */
function recordNotKept(how?: string): TableFailure {
  const error = new Error(
    `The record of the deletion was ${how === undefined ? 'not kept' : `kept ${how}`}.`,
  );
  return new TableFailure('sharded_patient_deletion', error);
}
