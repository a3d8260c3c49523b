import { v7 as uuidv7 } from 'uuid';
import type { AuditEvent, AuditedFailure } from '../../audit/index.js';
import type { Requester, SilgiError } from '../../common/index.js';
import type { KeptOfShard, PatientDestruction } from '../../patient/index.js';
import type { Place, RunIds } from '../../protocol/index.js';
import type { DeletionKey, KeepRule, RetentionQuestion, ShardCount } from '../../shards/index.js';
import { detailsOf } from '../restore-patient/restoration.js';
import type { DestructionPlan } from './destruction.plan.js';

/** How long what was deleted is kept, and who has put his name to it. */
export interface Retention {
  readonly rules: readonly KeepRule[];
  /** SHA-256 of the rules, hex. */
  readonly digest: string;
  /** Null where nobody has: then nothing is destroyed. */
  readonly signedOff: object | null;
}

/** Whose data is to be destroyed, as far as it is due, and who asks. */
export interface DestroyPatientCommand extends Requester, DeletionKey {
  readonly requestId: string;
  /** As 2026-12-01: rows are due that had to be kept until a day before it. At most today. */
  readonly dueBefore: string;
  /** A place among the runs under way that the caller has and gives back; one is waited for unless told. */
  readonly place?: Place;
}

/** What it is judged by. */
export interface DestructionTerms {
  readonly retention: Retention;
  /** In which days begin; a name of the IANA's database. */
  readonly zone: string;
  /** Days of 24 hours after a deletion in which it may be undone; before they are over nothing is destroyed. */
  readonly windowDays: number;
}

/** What a destruction did. */
export interface DestructionAnswer extends DeletionKey {
  readonly destructionId: string;
  /** DESTROYED where nothing of the patient remains. */
  readonly state: 'DELETED' | 'DESTROYED';
  /** ISO 8601, UTC. */
  readonly destroyedAt: string;
  readonly destroyedBy: string;
  readonly dueBefore: string;
  readonly shards: readonly ShardCount[];
  readonly totalRows: number;
  /** What had to stay, as hidden as it was. */
  readonly kept: readonly KeptOfShard[];
  readonly policyDigest: string;
  readonly auditEventId: string;
}

/** One run of the protocol: its ids and times are fixed here, so that a retry of the unit keeps them. */
export class Destruction {
  readonly deletion: DeletionKey;
  readonly destructionId = uuidv7();
  readonly at = new Date();
  /** Whose data it is, and who asked: what its transactions and its lines in the log are known by. */
  readonly ids: RunIds;
  private readonly auditEventId = uuidv7();

  constructor(
    private readonly command: Omit<DestroyPatientCommand, 'place'>,
    readonly terms: DestructionTerms,
  ) {
    const { patientId, deletionId, requestId } = command;
    this.deletion = { patientId, deletionId };
    this.ids = { patientId, deletionId, destructionId: this.destructionId, requestId };
  }

  /** What the shards are asked. @param lastContact the patient's, as 2006-03-14; null where no row tells of one */
  question(lastContact: string | null): RetentionQuestion {
    const { rules } = this.terms.retention;
    return {
      ...this.deletion,
      rules,
      day: this.command.dueBefore,
      zone: this.terms.zone,
      lastContact,
    };
  }

  answer({ destroyed, totalRows, kept, isFinal }: DestructionPlan): DestructionAnswer {
    return {
      ...this.deletion,
      destructionId: this.destructionId,
      state: isFinal ? 'DESTROYED' : 'DELETED',
      destroyedAt: this.at.toISOString(),
      destroyedBy: this.command.requestedBy,
      dueBefore: this.command.dueBefore,
      shards: destroyed,
      totalRows,
      kept,
      policyDigest: this.terms.retention.digest,
      auditEventId: this.auditEventId,
    };
  }

  record(plan: DestructionPlan): Readonly<PatientDestruction> {
    return {
      ...this.deletion,
      destructionId: this.destructionId,
      destroyedBy: this.command.requestedBy,
      destroyedAt: this.at,
      requestId: this.command.requestId,
      dueBefore: this.command.dueBefore,
      lastContact: plan.lastContact,
      policyDigest: this.terms.retention.digest,
      isFinal: plan.isFinal,
      shards: [...plan.destroyed],
      deletionShards: [...plan.ofDeletion],
      totalRows: String(plan.totalRows),
      kept: [...plan.kept],
      auditEventId: this.auditEventId,
    };
  }

  /** The one audit event of this destruction: in the place of what was deleted stands what is gone. */
  auditEvent({ destroyed }: DestructionPlan): Readonly<AuditEvent> {
    return {
      ...this.eventOf('SYSTEM_DESTROY_PATIENT', this.auditEventId, this.at),
      purged: [...destroyed],
      failure: null,
    };
  }

  /**
   * The event of an attempt that was vetoed or rolled back: its error code and how far it came.
   *
   * @param error a DestructionRefused or an ActionFailed
   */
  failureEvent(error: SilgiError): Readonly<AuditEvent> {
    const failure: AuditedFailure = { code: error.code, ...detailsOf(error) };
    return { ...this.eventOf('SYSTEM_DESTROY_PATIENT_FAILED', uuidv7(), new Date()), purged: null, failure };
  }

  private eventOf(action: AuditEvent['action'], auditEventId: string, occurredAt: Date) {
    const { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource } = this.command;
    return {
      ...this.deletion,
      auditEventId,
      action,
      actor,
      actorRole,
      actorSource,
      reason: 'RETENTION_EXPIRED',
      legalBasis: null,
      requestId: this.command.requestId,
      requestedAt: this.at,
      occurredAt,
    };
  }
}
