import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { AuditAction, AuditedFailure } from '../../audit/index.js';
import type { SealedLeaf } from '../../transparency-log/index.js';
import type { ShardCount } from '../../shards/index.js';
import { AUDIT_ACTIONS, AuditedFailureDto } from './audit-event.dto.js';
import { AUDIT_EVENT_ID, INCLUSION, SHARDS as PURGED } from '../http/examples.js';
import { ShardCountDto } from '../deletions/shard-count.dto.js';

/** What is sealed of an event. */
@ApiSchema({ name: 'SealedLeaf', description: 'What is sealed of an event. It holds no personal data.' })
export class SealedLeafDto implements SealedLeaf {
  @ApiProperty({ description: 'Version of the form.', enum: [1, 2], example: 2 })
  v: 1 | 2;

  @ApiProperty({ description: 'The event.', format: 'uuid', example: AUDIT_EVENT_ID })
  auditEventId: string;

  @ApiProperty({
    description: 'What was done, or tried.',
    enum: AUDIT_ACTIONS,
    enumName: 'AuditAction',
    example: INCLUSION.leaf.action,
  })
  action: AuditAction;

  @ApiProperty({ description: 'The deletion.', format: 'uuid', example: INCLUSION.leaf.deletionId })
  deletionId: string;

  @ApiProperty({ description: 'Why; a code.', type: String, nullable: true, example: INCLUSION.leaf.reason })
  reason: string | null;

  @ApiProperty({
    description: 'The law it rests on; a code.',
    type: String,
    nullable: true,
    example: INCLUSION.leaf.legalBasis,
  })
  legalBasis: string | null;

  @ApiProperty({
    description: 'The rows that were deleted; null for a failed attempt.',
    type: [ShardCountDto],
    nullable: true,
    example: PURGED,
  })
  purged: readonly ShardCount[] | null;

  @ApiProperty({
    description: 'How a failed attempt ended; null for a deletion.',
    type: AuditedFailureDto,
    nullable: true,
    example: null,
  })
  failure: AuditedFailure | null;

  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: INCLUSION.leaf.occurredAt })
  occurredAt: string;

  @ApiProperty({
    description: 'The role under which it was allowed; null at a terminal, and where it was not kept.',
    type: String,
    nullable: true,
    example: INCLUSION.leaf.actorRole,
  })
  actorRole: string | null;

  @ApiProperty({
    description: 'Keyed hash of the patient (HMAC-SHA-256, base64url).',
    example: INCLUSION.leaf.subject,
  })
  subject: string;

  @ApiProperty({ description: 'Keyed hash of the requester.', example: INCLUSION.leaf.actor })
  actor: string;

  @ApiProperty({ description: 'Keyed hash of the request id.', example: INCLUSION.leaf.request })
  request: string;

  @ApiPropertyOptional({
    description: 'When it was asked for, in UTC; from version 2 on.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: INCLUSION.leaf.requestedAt,
  })
  requestedAt?: string | null;

  @ApiPropertyOptional({
    description: 'How the actor is known; from version 2 on, null of a batch of an older release.',
    type: String,
    enum: ['TOKEN', 'TERMINAL'],
    nullable: true,
    example: INCLUSION.leaf.actorKind,
  })
  actorKind?: 'TOKEN' | 'TERMINAL' | null;

  @ApiPropertyOptional({
    description: 'Keyed hash of how the actor is known; from version 2 on.',
    example: INCLUSION.leaf.actorSource,
  })
  actorSource?: string;
}
