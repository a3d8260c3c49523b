import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEvent, AuditedFailure } from '../../audit/index.js';
import type { Requester, SilgiError } from '../../common/index.js';
import type { DeletionClaim, DeletionOutcome, PatientDeletion } from '../../patient/index.js';
import { ActionFailed, type Place, type RunIds } from '../../protocol/index.js';
import type { Blocker, DeletionMark, ShardCount, UnfencedTable } from '../../shards/index.js';
import { totalRows } from './deletion.counts.js';

/** What an administrator asks for, and who asks. */
export interface DeletePatientCommand
  extends Requester, Pick<PatientDeletion, 'patientId' | 'reason' | 'legalBasis' | 'requestId'> {
  /** Makes a repeat of the request safe: it gets the first answer again. */
  readonly idempotencyKey?: string | undefined;
  /**
   * Nobody has sent this key before, so that the claim is not waited for. Where somebody has all the same, this fails
   * with RequestInProgress, and a repeat without this word gets the first answer.
   */
  readonly isFirstUse?: boolean;
  /** The data subject's request that it is to fulfil: one of this patient's that is not answered. */
  readonly erasureRequestId?: string | undefined;
  /** Holds the deletion to what a preview showed. */
  readonly previewDigest?: string | undefined;
  /** A place among the runs under way that the caller has and gives back; one is waited for unless told. */
  readonly place?: Place;
}

/** Whose deletion is to be previewed, and which request asks. */
export type PreviewDeletionCommand = Pick<DeletePatientCommand, 'patientId' | 'requestId' | 'place'>;

/** What a deletion would do. */
export interface DeletionPreview {
  readonly patientId: string;
  /** Whether a deletion now would go through: no shard has a veto. */
  readonly ready: boolean;
  readonly shards: readonly ShardCount[];
  readonly blockers: readonly Blocker[];
  readonly totalRows: number;
  readonly digest: string;
  /** Only in a hospital's own tables. */
  readonly unfencedTables?: readonly UnfencedTable[] | undefined;
}

/** What a deletion did. Kept as it is and answered again to a repeated request. */
export interface DeletionAnswer {
  readonly deletionId: string;
  readonly patientId: string;
  readonly state: 'DELETED';
  readonly shards: readonly ShardCount[];
  readonly totalRows: number;
  readonly auditEventId: string;
  readonly requestedBy: string;
  /** ISO 8601, UTC. */
  readonly deletedAt: string;
}

/** One run of the protocol: its ids and times are fixed here, so that a retry of the unit keeps them. */
export class Deletion {
  readonly claim: DeletionClaim;
  /** Whether an earlier deletion may hold the key. */
  readonly mayRepeat: boolean;
  readonly mark: DeletionMark;
  /** Whose deletion this is, and who asked: what its transactions and its lines in the log are known by. */
  readonly ids: RunIds;
  readonly previewDigest: string | undefined;
  private readonly auditEventId = uuidv7();
  private readonly requester: Requester;

  constructor(command: DeletePatientCommand) {
    const { patientId, reason, legalBasis, requestedBy, requestId, idempotencyKey, previewDigest } = command;
    const deletionId = uuidv7();
    const now = new Date();
    const { erasureRequestId = null } = command;
    const named = erasureRequestId === null ? [] : [erasureRequestId];
    const asked = JSON.stringify([
      patientId,
      reason,
      legalBasis,
      previewDigest ?? null,
      requestedBy,
      ...named,
    ]);
    this.mark = { patientId, deletionId, deletedAt: now };
    this.mayRepeat = idempotencyKey !== undefined && command.isFirstUse !== true;
    const { requestedRole, requestedVia } = command;
    this.requester = { requestedBy, requestedRole, requestedVia };
    this.ids = { patientId, deletionId, requestId };
    this.previewDigest = previewDigest;
    this.claim = {
      patientId,
      deletionId,
      reason,
      legalBasis,
      requestedBy,
      requestedAt: now,
      requestId,
      erasureRequestId,
      idempotencyKey: idempotencyKey ?? null,
      requestDigest: idempotencyKey === undefined ? null : createHash('sha256').update(asked).digest('hex'),
    };
  }

  /** The answer, once these rows are marked. */
  answer(shards: readonly ShardCount[]): DeletionAnswer {
    const { patientId, deletionId, requestedBy } = this.claim;
    return {
      deletionId,
      patientId,
      state: 'DELETED',
      shards,
      totalRows: totalRows(shards),
      auditEventId: this.auditEventId,
      requestedBy,
      deletedAt: this.mark.deletedAt.toISOString(),
    };
  }

  /** What the record keeps of the answer; its very text only where a repeat may ask for it. */
  outcome(answer: DeletionAnswer): DeletionOutcome {
    return {
      deletedAt: this.mark.deletedAt,
      shards: [...answer.shards],
      totalRows: answer.totalRows,
      auditEventId: answer.auditEventId,
      answer: this.claim.idempotencyKey === null ? null : JSON.stringify(answer),
    };
  }

  /** The one audit event of this deletion. */
  auditEvent(purged: readonly ShardCount[]): Readonly<AuditEvent> {
    return {
      ...this.eventOf('SYSTEM_DELETE_PATIENT', this.auditEventId, this.mark.deletedAt),
      purged: [...purged],
      failure: null,
    };
  }

  /** The event of an attempt that was rolled back: its error code and how far it came. */
  failureEvent(error: SilgiError): Readonly<AuditEvent> {
    const failure: AuditedFailure = { code: error.code, ...(error instanceof ActionFailed && error.point) };
    return { ...this.eventOf('SYSTEM_DELETE_PATIENT_FAILED', uuidv7(), new Date()), purged: null, failure };
  }

  private eventOf(action: AuditEvent['action'], auditEventId: string, occurredAt: Date) {
    const { patientId, deletionId, reason, legalBasis, requestedAt, requestId } = this.claim;
    const { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource } = this.requester;
    return {
      patientId,
      auditEventId,
      action,
      actor,
      actorRole,
      actorSource,
      reason,
      legalBasis,
      deletionId,
      requestId,
      requestedAt,
      occurredAt,
    };
  }
}
