import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AuditLog } from '../../audit/index.js';
import { BASE_PATH } from '../http/api.path.js';
import {
  AuditEventDto,
  AuditEventPageDto,
  AuditEventPath,
  AuditEventsQuery,
  toAuditEventDto,
} from './audit-event.dto.js';
import { AUDIT_EVENT, pageExample } from '../http/examples.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { Nothing } from '../http/request.validation.js';

/** The append-only audit log. */
@ApiTags('audit')
@Controller(`${BASE_PATH}/audit-events`)
export class AuditEventsController {
  private readonly lists = new ListReads();

  constructor(private readonly log: AuditLog) {}

  @Get()
  @Operation({
    id: 'listAuditEvents',
    summary: 'Read the audit log',
    description:
      'Deletions and restorations, attempts that failed and were rolled back, legal holds, requests of data subjects, and reads of deleted patients’ ' +
      'names, newest first.',
    roles: ['auditor', 'privacy-officer'],
    answers: [
      { description: 'A page of events.', type: AuditEventPageDto, example: pageExample(AUDIT_EVENT) },
    ],
  })
  async list(
    @Query() { patientId, action, cursor, limit }: AuditEventsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<AuditEventDto>>> {
    const filter = {
      ...(patientId !== undefined && { patientId }),
      ...(action !== undefined && { action }),
      ...(cursor !== undefined && { before: cursor }),
      limit: limit + 1,
    };
    const found = await this.lists.read(response, (signal) => this.log.page(filter, signal));
    return pageOf(found.map(toAuditEventDto), limit, ({ auditEventId }) => auditEventId);
  }

  @Get(':auditEventId')
  @Operation({
    id: 'getAuditEvent',
    summary: 'Show an audit event',
    description: 'One event of the audit log.',
    roles: ['auditor', 'privacy-officer'],
    answers: [{ description: 'The event.', type: AuditEventDto, example: AUDIT_EVENT }],
    problems: ['AUDIT_EVENT_NOT_FOUND'],
  })
  async get(@Param() { auditEventId }: AuditEventPath, @Query() _: Nothing): Promise<Plain<AuditEventDto>> {
    return toAuditEventDto(await this.log.get(auditEventId));
  }
}
