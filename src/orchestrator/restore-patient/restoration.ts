import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEvent, AuditedFailure } from '../../audit/index.js';
import type {
  DeletionReason,
  LegalBasis,
  Requester,
  RestorationReason,
  SilgiError,
} from '../../common/index.js';
import type { PatientDeletion, RestorationOutcome } from '../../patient/index.js';
import type { FailurePoint, Place, RunIds } from '../../protocol/index.js';
import type { DeletionKey, ShardCount } from '../../shards/index.js';
import { IdempotencyKeyReused } from '../delete-patient/deletion.errors.js';

/** What a privacy officer asks for, and who asks. */
export interface RestorePatientCommand extends Requester, DeletionKey {
  readonly reason: RestorationReason;
  readonly requestId: string;
  /** Makes a repeat of the request safe: it gets the first answer again. */
  readonly idempotencyKey?: string | undefined;
  /** A place among the runs under way that the caller has and gives back; one is waited for unless told. */
  readonly place?: Place;
}

/** The record of a deletion that was undone. Kept as it is and answered again to a repeated request. */
export interface RestorationAnswer extends DeletionKey {
  readonly state: 'RESTORED';
  readonly reason: DeletionReason;
  readonly legalBasis: LegalBasis;
  readonly requestedBy: string;
  /** ISO 8601, UTC, as every time here. */
  readonly requestedAt: string;
  readonly requestId: string;
  /** The data subject's request that the deletion named. */
  readonly erasureRequestId: string | null;
  readonly deletedAt: string;
  readonly shards: readonly ShardCount[];
  readonly totalRows: number;
  readonly auditEventId: string | null;
  readonly restoredAt: string;
  readonly restoredBy: string;
  readonly restorationReason: RestorationReason;
  readonly restorationEventId: string;
}

/** One run of the protocol: its ids and times are fixed here, so that a retry of the unit keeps them. */
export class Restoration {
  readonly deletion: DeletionKey;
  readonly restoredAt = new Date();
  readonly eventId = uuidv7();
  /** Whose restoration this is, and who asked: what its transactions and its lines in the log are known by. */
  readonly ids: RunIds;
  private readonly digest: string | null;

  /** @param windowDays days of 24 hours after a deletion in which it may be undone; 0 for never */
  constructor(
    private readonly command: RestorePatientCommand,
    readonly windowDays: number,
  ) {
    const { patientId, deletionId, reason, requestedBy, requestId, idempotencyKey } = command;
    this.deletion = { patientId, deletionId };
    this.ids = { patientId, deletionId, requestId };
    const asked = JSON.stringify([patientId, deletionId, reason, requestedBy]);
    this.digest = idempotencyKey === undefined ? null : createHash('sha256').update(asked).digest('hex');
  }

  /**
   * The first answer, where an earlier request with the same key has undone this deletion.
   *
   * @throws IdempotencyKeyReused where the key came with another request
   */
  earlierAnswer({
    restorationKey,
    restorationDigest,
    restorationAnswer,
  }: PatientDeletion): RestorationAnswer | undefined {
    const { idempotencyKey } = this.command;
    if (idempotencyKey === undefined || restorationKey !== idempotencyKey) return undefined;
    if (restorationDigest !== this.digest || restorationAnswer === null) throw new IdempotencyKeyReused();
    return JSON.parse(restorationAnswer) as RestorationAnswer;
  }

  /** The answer, once this record is undone: that of a deletion in force, which tells of its time and its rows. */
  answer(record: PatientDeletion): RestorationAnswer {
    const { reason, legalBasis, requestedBy, requestId, erasureRequestId, auditEventId } = record;
    return {
      ...this.deletion,
      state: 'RESTORED',
      reason,
      legalBasis,
      requestedBy,
      requestedAt: record.requestedAt.toISOString(),
      requestId,
      erasureRequestId,
      deletedAt: (record.deletedAt as Date).toISOString(),
      shards: record.shards as ShardCount[],
      totalRows: Number(record.totalRows),
      auditEventId,
      restoredAt: this.restoredAt.toISOString(),
      restoredBy: this.command.requestedBy,
      restorationReason: this.command.reason,
      restorationEventId: this.eventId,
    };
  }

  /** What the record keeps; the very text of the answer only where a repeat may ask for it. */
  outcome(answer: RestorationAnswer): RestorationOutcome {
    const { idempotencyKey, requestedBy, reason } = this.command;
    return {
      restoredAt: this.restoredAt,
      restoredBy: requestedBy,
      restorationReason: reason,
      restorationEventId: this.eventId,
      restorationKey: idempotencyKey ?? null,
      restorationDigest: this.digest,
      restorationAnswer: idempotencyKey === undefined ? null : JSON.stringify(answer),
    };
  }

  /** The one audit event of this restoration: in the place of what was deleted stands what came back. */
  auditEvent(restored: readonly ShardCount[]): Readonly<AuditEvent> {
    return {
      ...this.eventOf('SYSTEM_RESTORE_PATIENT', this.eventId, this.restoredAt),
      purged: [...restored],
      failure: null,
    };
  }

  /**
   * The event of an attempt that was refused or rolled back: its error code and how far it came.
   *
   * @param error a RestorationRefused or an ActionFailed
   */
  failureEvent(error: SilgiError): Readonly<AuditEvent> {
    const failure: AuditedFailure = { code: error.code, ...detailsOf(error) };
    return { ...this.eventOf('SYSTEM_RESTORE_PATIENT_FAILED', uuidv7(), new Date()), purged: null, failure };
  }

  private eventOf(action: AuditEvent['action'], auditEventId: string, occurredAt: Date) {
    const { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource } = this.command;
    const { reason, requestId } = this.command;
    return {
      ...this.deletion,
      auditEventId,
      action,
      actor,
      actorRole,
      actorSource,
      reason,
      legalBasis: null,
      requestId,
      requestedAt: this.restoredAt,
      occurredAt,
    };
  }
}

/** How an attempt that was refused or rolled back ended, beside its code. */
export function detailsOf(error: object): Omit<AuditedFailure, 'code'> {
  const { refusal, point } = error as { readonly refusal?: string; readonly point?: FailurePoint };
  return { ...(refusal !== undefined && { refusal }), ...point };
}
