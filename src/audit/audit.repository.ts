import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { runInPipeline } from '../postgres/index.js';
import { namesOfChanged, PATIENT_ID, type Shard, type Vote } from '../shards/index.js';
import { TableFailure } from '../common/index.js';
import type { AuditEvent } from './audit-event.entity.js';

/** The columns of an event, in the order of their parameters. */
const COLUMNS = [
  PATIENT_ID,
  'audit_event_id',
  'action',
  'actor',
  'reason',
  'legal_basis',
  'deletion_id',
  'purged',
  'failure',
  'request_id',
  'occurred_at',
  'actor_role',
  'actor_source',
  'requested_at',
];
const APPEND = `INSERT INTO audit.sharded_audit_event (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
  RETURNING ${namesOfChanged(COLUMNS)}`;

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

  /**
   * Appends one event, and has the database compare what it kept with what was asked: a trigger or a rule may have
   * changed it (RELIABILITY rule 27).
   *
   * @throws TableFailure where no row was kept, or another one; then with the columns that differ
   */
  async append(manager: EntityManager, event: Readonly<AuditEvent>): Promise<void> {
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
      event.actorSource && JSON.stringify(event.actorSource),
      event.requestedAt?.toISOString() ?? null,
    ];
    const [written] = await runInPipeline(manager, [{ text: APPEND, values }]);
    if (written?.length !== 1)
      throw new TableFailure('sharded_audit_event', new Error('The audit event was not kept.'));
    const [[changed] = []] = written;
    if (changed !== '')
      throw new TableFailure(
        'sharded_audit_event',
        new Error(`The audit event was kept otherwise than it was written: ${changed ?? ''}.`),
      );
  }
}
