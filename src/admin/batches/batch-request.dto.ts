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
  ValidateIf,
} from 'class-validator';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../../common/index.js';
import { LONGEST_KEY } from '../../patient/index.js';
import { adoptedTables } from '../../shards/index.js';
import { BATCH_REQUEST } from '../http/examples.js';
import type { FieldError } from '../http/request.errors.js';

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
const ALSO_IN_BODY = 'With a list in JSON it stands in the body, and may stand here only if it is the same.';
const IN_QUERY = `A list in CSV needs it here. ${ALSO_IN_BODY}`;
const ONE_OF_REASONS = { message: `must be one of ${DELETION_REASONS.join(', ')}` };
const ONE_OF_BASES = { message: `must be one of ${LEGAL_BASES.join(', ')}` };

const TOO_LONG = { message: `must be at most ${MOST_IDS}; send a longer list as text/csv` };
const TOO_SHORT = { message: 'must be at least one' };

const listProperty = (items: object) => ({ type: 'array' as const, items, minItems: 1, maxItems: MOST_IDS });

/** Which patients are to be deleted, and why. */
@ApiSchema({ name: 'DeletionBatchRequest', description: 'Which patients are to be deleted, and why.' })
export class DeletionBatchRequestDto {
  @ApiPropertyOptional({
    description:
      'The patients, unless `patientKeys` names them. The place of an id in this list, from 1, is its line; one that is ' +
      'no UUID, or comes twice, is reported with its line, and the others are done.',
    ...listProperty({ type: 'string', maxLength: 100 }),
    example: BATCH_REQUEST.patientIds,
  })
  @MaxLength(100, { each: true, message: 'must each be at most 100 characters' })
  @IsString({ each: true, message: 'must each be a text' })
  @ArrayMaxSize(MOST_IDS, TOO_LONG)
  @ArrayMinSize(1, TOO_SHORT)
  @IsArray({ message: 'must be a list of patient ids' })
  @ValidateIf(
    ({ patientIds, patientKeys }: DeletionBatchRequestDto) =>
      patientIds !== undefined || patientKeys === undefined,
  )
  patientIds?: string[];

  @ApiPropertyOptional({
    description:
      'The patients by the hospital’s keys, each a text just as its database writes it, instead of `patientIds`: in a ' +
      'database whose tables are declared (docs/adopting.md). One that nobody has, null included, is reported with its line.',
    ...listProperty({ type: ['string', 'null'], maxLength: LONGEST_KEY }),
  })
  @ValidateIf(({ patientKeys }: DeletionBatchRequestDto) => patientKeys !== undefined)
  @Transform(({ value }: { value: unknown }) =>
    Array.isArray(value) ? value.map((key: unknown) => key ?? '') : value,
  )
  @MaxLength(LONGEST_KEY, { each: true, message: `must each be at most ${LONGEST_KEY} characters` })
  @IsString({ each: true, message: 'must each be a text' })
  @ArrayMaxSize(MOST_IDS, TOO_LONG)
  @ArrayMinSize(1, TOO_SHORT)
  @IsArray({ message: 'must be a list of keys' })
  patientKeys?: string[];

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

/** What a list in JSON says in its body, and one in CSV cannot: with JSON, at most the same once more. */
export class DeletionBatchQuery {
  @ApiPropertyOptional({
    ...reasonProperty,
    description: `Why. ${IN_QUERY}`,
  })
  @IsOptional()
  @IsIn(DELETION_REASONS, ONE_OF_REASONS)
  reason?: DeletionReason;

  @ApiPropertyOptional({
    ...legalBasisProperty,
    description: `The law it rests on. ${IN_QUERY}`,
  })
  @IsOptional()
  @IsIn(LEGAL_BASES, ONE_OF_BASES)
  legalBasis?: LegalBasis;

  @ApiPropertyOptional({
    description: `${DRY_RUN} ${ALSO_IN_BODY}`,
    type: 'boolean',
    default: true,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'must be true or false' })
  dryRun?: boolean;
}

/** What of a request cannot hold together, or in this database; nothing is guessed at. */
export function contradictionsOf(body: DeletionBatchRequestDto, query: DeletionBatchQuery): FieldError[] {
  const { patientIds, patientKeys } = body;
  const errors: FieldError[] = [];
  // A form, such as Swagger UI, sends both: what says the same twice does no harm.
  for (const path of ['reason', 'legalBasis', 'dryRun'] as const)
    if (query[path] !== undefined && query[path] !== body[path])
      errors.push({ path, message: 'must be what the body says, or be left out of the query' });
  if (patientKeys !== undefined && patientIds !== undefined)
    errors.push({ path: 'patientKeys', message: 'must be left out where patientIds is there' });
  if (patientKeys !== undefined && adoptedTables() === undefined)
    errors.push({
      path: 'patientKeys',
      message: 'must be left out, as no declaration is in force (DECLARATION): send patientIds',
    });
  return errors;
}
