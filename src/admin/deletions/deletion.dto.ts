import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../../common/index.js';
import type { Blocker, ShardCount, UnfencedTable } from '../../shards/index.js';
import type { DeletionAnswer, DeletionPreview } from '../../orchestrator/index.js';
import {
  AUDIT_EVENT_ID,
  DELETION,
  DELETION_ID,
  PATIENT_ID,
  PREVIEW,
  REQUEST,
  SHARDS,
  UNFENCED,
} from '../http/examples.js';
import { IsUuid } from '../http/request.validation.js';
import { UnfencedTableDto } from '../http/unfenced.dto.js';
import { BlockerDto, ShardCountDto } from './shard-count.dto.js';

const DIGEST = /^[0-9a-f]{64}$/;

const patientId = { description: 'The patient.', format: 'uuid', example: PATIENT_ID };
const deletionId = { description: 'The deletion.', format: 'uuid', example: DELETION_ID };
const totalRows = {
  description: 'Rows of all shards.',
  ...({ type: 'integer' } as const),
  minimum: 0,
  example: DELETION.totalRows,
};

/** What a deletion would do. */
@ApiSchema({ name: 'DeletionPreview', description: 'What a deletion would do now. Nothing was changed.' })
export class DeletionPreviewDto implements DeletionPreview {
  @ApiProperty(patientId)
  patientId: string;

  @ApiProperty({ description: 'Whether a deletion would go through: no shard refuses.', example: true })
  ready: boolean;

  @ApiProperty({ description: 'The rows that would be deleted.', type: [ShardCountDto], example: SHARDS })
  shards: readonly ShardCount[];

  @ApiProperty({ description: 'Every reason to refuse.', type: [BlockerDto], example: [] })
  blockers: readonly Blocker[];

  @ApiProperty(totalRows)
  totalRows: number;

  @ApiProperty({
    description: 'Send it as `previewDigest` to hold the deletion to exactly these rows.',
    pattern: DIGEST.source,
    example: PREVIEW.digest,
  })
  digest: string;

  @ApiPropertyOptional({
    description:
      'Tables of a hospital’s own in which no key keeps out rows of a deleted patient, as its declaration accepts; there ' +
      'where one is in force.',
    type: [UnfencedTableDto],
    example: [UNFENCED],
  })
  unfencedTables?: readonly UnfencedTable[];
}

/** Why a patient is to be deleted. */
@ApiSchema({ name: 'DeletionRequest', description: 'Why the patient is to be deleted, in codes.' })
export class DeletionRequestDto {
  @ApiProperty({
    description: 'Why; a code, never free text.',
    enum: DELETION_REASONS,
    enumName: 'DeletionReason',
    example: REQUEST.reason,
  })
  @IsIn(DELETION_REASONS, { message: `must be one of ${DELETION_REASONS.join(', ')}` })
  reason: DeletionReason;

  @ApiProperty({
    description: 'The law it rests on: KVKK Art. 7, a ground of GDPR Art. 17(1), or another law.',
    enum: LEGAL_BASES,
    enumName: 'LegalBasis',
    example: REQUEST.legalBasis,
  })
  @IsIn(LEGAL_BASES, { message: `must be one of ${LEGAL_BASES.join(', ')}` })
  legalBasis: LegalBasis;

  @ApiPropertyOptional({
    description: 'The `digest` of a preview; where the rows have changed since, nothing is deleted (412).',
    pattern: DIGEST.source,
  })
  @IsOptional()
  @Matches(DIGEST, { message: 'must be the digest of a preview: 64 hexadecimal digits' })
  previewDigest?: string;

  @ApiPropertyOptional({
    description:
      'The data subject’s request that the deletion fulfils: an open one of this patient, else it is vetoed ' +
      '(`ERASURE_REQUEST_NOT_OPEN`). Others of his are fulfilled as well.',
    format: 'uuid',
  })
  @IsOptional()
  @IsUuid()
  requestId?: string;
}

/** What a deletion did. */
@ApiSchema({ name: 'Deletion', description: 'What the deletion did. All of it is committed.' })
export class DeletionDto implements DeletionAnswer {
  @ApiProperty(deletionId)
  deletionId: string;

  @ApiProperty(patientId)
  patientId: string;

  @ApiProperty({ description: 'The outcome.', enum: ['DELETED'], example: 'DELETED' })
  state: 'DELETED';

  @ApiProperty({ description: 'The rows that were deleted.', type: [ShardCountDto], example: SHARDS })
  shards: readonly ShardCount[];

  @ApiProperty(totalRows)
  totalRows: number;

  @ApiProperty({ description: 'Its audit event.', format: 'uuid', example: AUDIT_EVENT_ID })
  auditEventId: string;

  @ApiProperty({ description: 'The subject of the requester’s token.', example: DELETION.requestedBy })
  requestedBy: string;

  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: DELETION.deletedAt })
  deletedAt: string;
}

/** A deletion whose outcome is not known yet. */
@ApiSchema({
  name: 'DeletionPending',
  description: 'The database was lost during the commit. Neither done nor failed: ask for the record later.',
})
export class DeletionPendingDto {
  @ApiProperty(deletionId)
  deletionId: string;

  @ApiProperty(patientId)
  patientId: string;

  @ApiProperty({ description: 'Being committed.', enum: ['COMMITTING'], example: 'COMMITTING' })
  state: 'COMMITTING';
}
