import { Injectable } from '@nestjs/common';
import { EntityManager, type FindManyOptions, LessThan } from 'typeorm';
import { onOneSession } from '../postgres/index.js';
import { AuditEventNotFound } from './audit.errors.js';
import { type AuditAction, AuditEvent } from './audit-event.entity.js';

/** Reads the audit log, newest event first. */
@Injectable()
export class AuditLog {
  constructor(private readonly manager: EntityManager) {}

  /**
   * @param filter.before only events older than this one (an event id: the cursor)
   * @param filter.limit at most so many events
   * @param signal ends the reading
   */
  page(
    filter: { patientId?: string; action?: AuditAction; before?: string; limit: number },
    signal?: AbortSignal,
  ): Promise<AuditEvent[]> {
    const page: FindManyOptions<AuditEvent> = {
      where: {
        ...(filter.patientId !== undefined && { patientId: filter.patientId }),
        ...(filter.action !== undefined && { action: filter.action }),
        ...(filter.before !== undefined && { auditEventId: LessThan(filter.before) }),
      },
      order: { auditEventId: 'DESC' },
      take: filter.limit,
    };
    return onOneSession(this.manager, ({ manager }) => manager.find(AuditEvent, page), signal);
  }

  /** @throws AuditEventNotFound */
  async get(auditEventId: string): Promise<AuditEvent> {
    const event = await this.manager.findOneBy(AuditEvent, { auditEventId });
    if (event === null) throw new AuditEventNotFound();
    return event;
  }
}
