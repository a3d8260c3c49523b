import { v7 as uuidv7 } from 'uuid';
import { type AuditAction, type AuditEvent, NO_DELETION } from '../audit/index.js';
import type { Requester } from '../common/index.js';
import type { Place } from '../protocol/index.js';

/** Whose record is to be written, and who asks. */
export interface RecordCommand extends Requester {
  readonly patientId: string;
  /** The request that asks, as the log knows it. */
  readonly requestId: string;
  /** A place among the runs under way that the caller has and gives back; one is waited for unless told. */
  readonly place?: Place;
}

/** One run of an action that writes a record about a patient under his lock, with its audit event, and deletes nothing. */
export abstract class RecordedRun {
  readonly patientId: string;
  /** When it takes effect: under the lock, so that the order of records and deletions is that of their times. */
  at = new Date();
  /** Of its audit event, which is that of one attempt. */
  eventId = uuidv7();
  private readonly requestedAt = this.at;

  /** @param reason of its audit event; a code */
  constructor(
    protected readonly asked: RecordCommand,
    private readonly action: AuditAction,
    private readonly reason: string,
  ) {
    this.patientId = asked.patientId;
  }

  /** Called in each attempt, once the lock is had. */
  begins(): void {
    this.at = new Date();
    this.eventId = uuidv7();
  }

  /** @param deletionId the deletion that hides the patient; null where he is live */
  auditEvent(deletionId: string | null): Readonly<AuditEvent> {
    const { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource, requestId } = this.asked;
    return {
      patientId: this.patientId,
      auditEventId: this.eventId,
      action: this.action,
      actor,
      actorRole,
      actorSource,
      reason: this.reason,
      legalBasis: null,
      deletionId: deletionId ?? NO_DELETION,
      purged: null,
      failure: null,
      requestId,
      requestedAt: this.requestedAt,
      occurredAt: this.at,
    };
  }
}
