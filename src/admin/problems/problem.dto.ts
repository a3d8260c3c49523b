import type { ErrorCode } from './problem.catalogue.js';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { SHARDS, type ShardName } from '../../shards/index.js';
import {
  DESTRUCTION_REFUSALS,
  type DestructionRefusal,
  EXTENSION_REFUSALS,
  type ExtensionRefusal,
  RESTORATION_REFUSALS,
  type RestorationRefusal,
} from '../../orchestrator/index.js';
import type { Phase } from '../../protocol/index.js';
import { deletionPath } from '../http/api.path.js';
import { BLOCKER, DELETION_ID, PATIENT_ID, REQUEST_ID } from '../http/examples.js';
import type { Problem } from './problem.js';
import { PROBLEMS, problemType } from './problem.catalogue.js';
import { BlockerDto } from '../deletions/shard-count.dto.js';

/** One thing that is wrong with a request. */
@ApiSchema({ name: 'FieldError', description: 'What is wrong with one part of the request.' })
export class FieldErrorDto {
  @ApiProperty({
    description: 'Field, parameter or header; empty for the body as a whole.',
    example: 'reason',
  })
  path: string;

  @ApiProperty({ description: 'What is expected there; never the value.', example: 'must be a UUID' })
  message: string;
}

/** Documents {@link Problem}. */
@ApiSchema({
  name: 'Problem',
  description: 'Problem details (RFC 9457). Nothing of SQL, stack or patient data.',
})
export class ProblemDto implements Problem {
  @ApiProperty({ description: 'The code as a URI.', format: 'uri', example: problemType('SHARD_FAILED') })
  type: string;

  @ApiProperty({ description: 'The code in words.', example: PROBLEMS.SHARD_FAILED.title })
  title: string;

  @ApiProperty({ description: 'The HTTP status.', type: 'integer', example: 500 })
  status: number;

  @ApiProperty({
    description: 'What happened, in which state the data is, and what to do next.',
    example:
      'The finance shard failed (23514). Everything was rolled back; no row of this patient was changed.',
  })
  detail: string;

  @ApiProperty({ description: 'The request id, as in the log and in `X-Request-Id`.', example: REQUEST_ID })
  instance: string;

  @ApiProperty({
    description: 'Stable; decide by it.',
    enum: Object.keys(PROBLEMS),
    enumName: 'ErrorCode',
    example: 'SHARD_FAILED',
  })
  code: ErrorCode;

  @ApiPropertyOptional({
    description: 'The phase in which a shard failed.',
    enum: ['PREPARE', 'EXECUTE', 'COMMIT'],
    enumName: 'Phase',
    example: 'EXECUTE',
  })
  phase?: Phase;

  @ApiPropertyOptional({
    description: 'The shard that failed.',
    enum: SHARDS,
    enumName: 'Shard',
    example: 'finance',
  })
  shard?: ShardName;

  @ApiPropertyOptional({ description: 'The table, where it is known.', example: 'sharded_fatura' })
  table?: string;

  @ApiPropertyOptional({
    description:
      'Why the deletion is not undone (RESTORATION_REFUSED): a veto, a window that is over or 0, a deletion that is undone ' +
      'or destroyed already, or a value that has to be unique and was taken meanwhile. Or why nothing is destroyed (DESTRUCTION_REFUSED), or why a request is not extended (EXTENSION_REFUSED).',
    enum: [...new Set([...RESTORATION_REFUSALS, ...DESTRUCTION_REFUSALS, ...EXTENSION_REFUSALS])],
    enumName: 'Refusal',
    example: 'WINDOW_OVER',
  })
  refusal?: RestorationRefusal | DestructionRefusal | ExtensionRefusal;

  @ApiPropertyOptional({
    description: 'Every veto (DELETION_VETOED, RESTORATION_REFUSED, DESTRUCTION_REFUSED).',
    type: [BlockerDto],
    example: [BLOCKER],
  })
  blockers?: readonly BlockerDto[];

  @ApiPropertyOptional({
    description: 'What is wrong with the request (VALIDATION_FAILED).',
    type: [FieldErrorDto],
    example: [{ path: 'reason', message: 'must be a UUID' }],
  })
  errors?: readonly FieldErrorDto[];

  @ApiPropertyOptional({
    description: 'The line of the list that cannot be read (BATCH_LIST_UNREADABLE).',
    type: 'integer',
    minimum: 1,
    example: 17,
  })
  line?: number;

  @ApiPropertyOptional({
    description:
      'Path of the deletion that got there first (PATIENT_DELETED, PATIENT_ALREADY_DELETED); null where the ' +
      'hospital’s own system had hidden the patient.',
    type: String,
    nullable: true,
    example: deletionPath(PATIENT_ID, DELETION_ID),
  })
  deletion?: string | null;
}
