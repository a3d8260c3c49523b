import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline } from '../postgres/index.js';
import { PATIENT_ID, type Shard, type Vote } from '../shards/index.js';
import { TableFailure } from '../common/index.js';
import type { AuditEvent } from './audit-event.entity.js';

/** The audit shard: it appends, and has no call that changes or removes an event. */
@Injectable()
export class AuditRepository implements Shard {
  readonly shard = 'audit';

  /** Votes NO where the event of this deletion could not be written, before anything is marked. */
  async vote(manager: EntityManager): Promise<Vote> {
    const text = `SELECT has_table_privilege('audit.sharded_audit_event', 'INSERT')`;
    const [[row] = []] = await runInPipeline(manager, [{ text, values: [] }]);
    const vetoes =
      row?.[0] === 't'
        ? []
        : [
            {
              shard: this.shard,
              code: 'AUDIT_NOT_WRITABLE',
              detail: 'The audit log refuses new events.',
            } as const,
          ];
    return { shard: this.shard, resources: [], vetoes };
  }

  /** Appends one event. @throws Error where the database took the statement but kept no row */
  async append(manager: EntityManager, event: Readonly<AuditEvent>): Promise<void> {
    const text = `INSERT INTO audit.sharded_audit_event
         (${PATIENT_ID}, audit_event_id, action, actor, reason, legal_basis, deletion_id, purged, failure, request_id,
          occurred_at, actor_role)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING audit_event_id`;
    const values = [
      event.patientId,
      event.auditEventId,
      event.action,
      event.actor,
      event.reason,
      event.legalBasis,
      event.deletionId,
      event.purged && JSON.stringify(event.purged),
      event.failure && JSON.stringify(event.failure),
      event.requestId,
      event.occurredAt.toISOString(),
      event.actorRole,
    ];
    const [written] = await runInPipeline(manager, [{ text, values }]);
    if (written?.length !== 1)
      throw new TableFailure('sharded_audit_event', new Error('The audit event was not kept.'));
  }
}
