import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import {
  type ConsistencyProof,
  DEFECTS,
  type Defect,
  type Finding,
  type InclusionProof,
  type SealedLeaf,
  type VerificationReport,
} from '../../transparency-log/index.js';
import { AUDIT_EVENT_ID, CONSISTENCY, INCLUSION, VERIFICATION } from '../http/examples.js';
import { SealedLeafDto } from './sealed-leaf.dto.js';

const SIZE = { message: 'must be a whole number of events' };

/** A query's text as a number, where it is written as one. */
function AsSize(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value,
  );
}

/** Which two states of the log. */
export class ConsistencyQuery {
  @ApiProperty({ description: 'Size of the older log.', type: 'integer', minimum: 0, example: 0 })
  @AsSize()
  @IsInt(SIZE)
  @Min(0, SIZE)
  @Max(Number.MAX_SAFE_INTEGER, SIZE)
  from: number;

  @ApiPropertyOptional({
    description: 'Size of the newer log; that of the newest checkpoint unless told.',
    type: 'integer',
    minimum: 0,
  })
  @AsSize()
  @IsOptional()
  @IsInt(SIZE)
  @Min(0, SIZE)
  @Max(Number.MAX_SAFE_INTEGER, SIZE)
  to?: number;
}

/** A signed checkpoint. */
@ApiSchema({ name: 'Checkpoint', description: 'Size and root of the log, signed (C2SP tlog-checkpoint).' })
export class CheckpointDto {
  @ApiProperty({
    description:
      'The signed note: origin, size and root of the log, an empty line, and an Ed25519 signature.',
    example: INCLUSION.checkpoint,
  })
  checkpoint: string;

  @ApiProperty({
    description:
      'The public key of the log, name+hexid+base64. Compare it with the one you got from elsewhere.',
    example: 'silgi.example/audit-log+9c1d2e3f+AbUg2mXbjRAkVTMUDBDn2SPOPyuVKkZrLgCmy8tMYBRw',
  })
  verifierKey: string;
}

/** Shows that an event is in the log. */
@ApiSchema({ name: 'InclusionProof', description: 'Shows that an event is in the log of a checkpoint.' })
export class InclusionProofDto implements InclusionProof {
  @ApiProperty({ description: 'What was sealed.', type: SealedLeafDto, example: INCLUSION.leaf })
  leaf: SealedLeaf;

  @ApiProperty({ description: 'Its place, from 0.', type: 'integer', minimum: 0, example: 5 })
  leafIndex: number;

  @ApiProperty({ description: 'Its hash, base64.', example: INCLUSION.leafHash })
  leafHash: string;

  @ApiProperty({ description: 'Size of the log.', type: 'integer', minimum: 1, example: INCLUSION.treeSize })
  treeSize: number;

  @ApiProperty({
    description: 'The audit path (RFC 6962, section 2.1.1), base64.',
    type: [String],
    example: INCLUSION.proof,
  })
  proof: readonly string[];

  @ApiProperty({
    description: 'The checkpoint that it leads to, a signed note.',
    example: INCLUSION.checkpoint,
  })
  checkpoint: string;
}

/** Shows that one state of the log grew out of another. */
@ApiSchema({
  name: 'ConsistencyProof',
  description: 'Shows that a log is an older one with events appended.',
})
export class ConsistencyProofDto implements ConsistencyProof {
  @ApiProperty({ description: 'Size of the older log.', type: 'integer', minimum: 0, example: 6 })
  from: number;

  @ApiProperty({ description: 'Size of the newer log.', type: 'integer', minimum: 0, example: 7 })
  to: number;

  @ApiProperty({ description: 'Root of the older log, base64.', example: CONSISTENCY.fromRoot })
  fromRoot: string;

  @ApiProperty({ description: 'Root of the newer log, base64.', example: CONSISTENCY.toRoot })
  toRoot: string;

  @ApiProperty({
    description: 'The proof (RFC 6962, section 2.1.2), base64.',
    type: [String],
    example: CONSISTENCY.proof,
  })
  proof: readonly string[];
}

/** Something that is not as it was sealed. */
@ApiSchema({ name: 'AuditLogFinding', description: 'Something in the log that is not as it was sealed.' })
export class AuditLogFindingDto implements Finding {
  @ApiProperty({
    description: 'What is wrong.',
    enum: DEFECTS,
    enumName: 'AuditLogDefect',
    example: 'EDITED',
  })
  what: Defect;

  @ApiProperty({
    description: 'The first event concerned, from 0; null where it is none that is sealed.',
    type: 'integer',
    nullable: true,
    example: 5,
  })
  leafIndex: number | null;

  @ApiProperty({
    description: 'The last event that it may be, where the bad one cannot be told from its neighbours.',
    type: 'integer',
    nullable: true,
    example: null,
  })
  lastIndex: number | null;

  @ApiProperty({
    description: 'The event, where it is known.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: AUDIT_EVENT_ID,
  })
  auditEventId: string | null;

  @ApiProperty({
    description: 'For people.',
    example: 'The event is not what was sealed in this place.',
  })
  detail: string;
}

/** Events that wait to be sealed. */
@ApiSchema({ name: 'UnsealedEvents', description: 'Events that are recorded and not sealed yet.' })
export class UnsealedEventsDto {
  @ApiProperty({ description: 'How many.', type: 'integer', minimum: 0, example: 0 })
  events: number;

  @ApiProperty({ description: 'Age of the oldest, in seconds.', type: 'number', minimum: 0, example: 0 })
  oldestSeconds: number;
}

/** What a check of the whole log found. */
@ApiSchema({ name: 'AuditLogVerification', description: 'What a check of the whole log found.' })
export class VerificationDto implements VerificationReport {
  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: VERIFICATION.checkedAt })
  checkedAt: string;

  @ApiProperty({ description: 'Whether everything is as it was sealed and signed.', example: true })
  valid: boolean;

  @ApiProperty({ description: 'Sealed events.', type: 'integer', minimum: 0, example: 7 })
  size: number;

  @ApiProperty({
    description: 'Events, from the first, that are proven to be as they were signed.',
    type: 'integer',
    minimum: 0,
    example: 7,
  })
  proven: number;

  @ApiProperty({ description: 'Checkpoints in the database.', type: 'integer', minimum: 0, example: 3 })
  checkpoints: number;

  @ApiProperty({ description: 'Checkpoints in the file.', type: 'integer', minimum: 0, example: 3 })
  checkpointsInFile: number;

  @ApiProperty({
    description: 'The first event that is not as it was sealed; null where there is none.',
    type: AuditLogFindingDto,
    nullable: true,
    example: null,
  })
  firstBadEvent: Finding | null;

  @ApiProperty({
    description: 'That one, and whatever is wrong with checkpoints and unsealed events.',
    type: [AuditLogFindingDto],
    example: [],
  })
  findings: readonly Finding[];

  @ApiProperty({
    description: 'Events that wait.',
    type: UnsealedEventsDto,
    example: VERIFICATION.unsealed,
  })
  unsealed: UnsealedEventsDto;
}
