import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Requester } from '../common/index.js';
import { inTransaction } from '../postgres/index.js';
import { NO_DELETION } from './audit-event.entity.js';
import { AuditRepository } from './audit.repository.js';

/** Keeps in the audit log who was shown the names of deleted patients (KVKK and GDPR: that, too, is processing). */
@Injectable()
export class DeletedPatientReads {
  constructor(
    private readonly manager: EntityManager,
    private readonly log: AuditRepository,
  ) {}

  /**
   * Appends one event for each patient, all or none; they are committed when this returns, and nothing may be shown
   * where it throws.
   *
   * @param patients whose names are about to be shown; nothing is written for none
   * @throws NotCommitted, and what the database throws
   */
  async append(
    { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource }: Requester,
    requestId: string,
    patients: readonly { patientId: string; deletionId: string | null }[],
  ): Promise<void> {
    if (patients.length === 0) return;
    const occurredAt = new Date();
    await inTransaction(this.manager, async (manager) => {
      for (const { patientId, deletionId } of patients)
        await this.log.append(manager, {
          actor,
          actorRole,
          actorSource,
          requestId,
          patientId,
          deletionId: deletionId ?? NO_DELETION,
          auditEventId: uuidv7(),
          action: 'DELETED_PATIENT_READ',
          reason: null,
          legalBasis: null,
          purged: null,
          failure: null,
          requestedAt: occurredAt,
          occurredAt,
        });
    });
  }
}
