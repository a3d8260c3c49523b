import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../../common/index.js';
import { BATCH_REQUEST } from '../http/examples.js';

/** Longer lists come as CSV. */
const MOST_IDS = 10_000;

/** The code that says why, in the OpenAPI document. */
export const reasonProperty = {
  description: 'Why; a code, never free text.',
  enum: DELETION_REASONS,
  enumName: 'DeletionReason',
};
/** The code of the law, in the OpenAPI document. */
export const legalBasisProperty = {
  description: 'The law it rests on: KVKK Art. 7, a ground of GDPR Art. 17(1), or another law.',
  enum: LEGAL_BASES,
  enumName: 'LegalBasis',
};
const DRY_RUN = 'Every patient is only previewed, and nobody deleted, unless this is `false`.';
const ONE_OF_REASONS = { message: `must be one of ${DELETION_REASONS.join(', ')}` };
const ONE_OF_BASES = { message: `must be one of ${LEGAL_BASES.join(', ')}` };

/** Which patients are to be deleted, and why. */
@ApiSchema({ name: 'DeletionBatchRequest', description: 'Which patients are to be deleted, and why.' })
export class DeletionBatchRequestDto {
  @ApiProperty({
    description:
      'The patients. The place of an id in this list, from 1, is its line; one that is no UUID, or comes twice, is ' +
      'reported with its line, and the others are done.',
    type: 'array',
    items: { type: 'string', maxLength: 100 },
    minItems: 1,
    maxItems: MOST_IDS,
    example: BATCH_REQUEST.patientIds,
  })
  @MaxLength(100, { each: true, message: 'must each be at most 100 characters' })
  @IsString({ each: true, message: 'must each be a text' })
  @ArrayMaxSize(MOST_IDS, { message: `must be at most ${MOST_IDS}; send a longer list as text/csv` })
  @ArrayMinSize(1, { message: 'must be at least one' })
  @IsArray({ message: 'must be a list of patient ids' })
  patientIds: string[];

  @ApiProperty({ ...reasonProperty, example: BATCH_REQUEST.reason })
  @IsIn(DELETION_REASONS, ONE_OF_REASONS)
  reason: DeletionReason;

  @ApiProperty({ ...legalBasisProperty, example: BATCH_REQUEST.legalBasis })
  @IsIn(LEGAL_BASES, ONE_OF_BASES)
  legalBasis: LegalBasis;

  @ApiPropertyOptional({ description: DRY_RUN, type: 'boolean', default: true })
  @IsBoolean({ message: 'must be true or false' })
  dryRun: boolean = true;
}

/** What a list in JSON says in its body, and one in CSV cannot. */
export class DeletionBatchQuery {
  @ApiPropertyOptional({ ...reasonProperty, description: 'Of a list in CSV, which needs it: why.' })
  @IsOptional()
  @IsIn(DELETION_REASONS, ONE_OF_REASONS)
  reason?: DeletionReason;

  @ApiPropertyOptional({
    ...legalBasisProperty,
    description: 'Of a list in CSV, which needs it: the law it rests on.',
  })
  @IsOptional()
  @IsIn(LEGAL_BASES, ONE_OF_BASES)
  legalBasis?: LegalBasis;

  @ApiPropertyOptional({
    description: `Of a list in CSV. ${DRY_RUN}`,
    type: 'boolean',
    default: true,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  dryRun?: boolean;
}
