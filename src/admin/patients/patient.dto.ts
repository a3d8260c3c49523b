import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { PatientSummary } from '../../patient/index.js';
import { PATIENT } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';

const STATES = ['live', 'deleted'] as const;
const MAX_SEARCH = 200;

/** The patient that a path names. */
export class PatientPath {
  @ApiProperty({ description: 'The patient.', format: 'uuid' })
  @IsUuid()
  patientId: string;
}

/** Which patients. */
export class PatientsQuery extends PageQuery {
  @ApiPropertyOptional({
    description:
      'Words that must all occur in record number, given or family name, in any case. Casing is Turkish: İ/i and ' +
      'I/ı are separate pairs.',
    maxLength: MAX_SEARCH,
  })
  @IsOptional()
  @Matches(/^\P{Cc}*$/u, { message: 'must not hold control characters' })
  @MaxLength(MAX_SEARCH, { message: `must be at most ${MAX_SEARCH} characters` })
  @IsString({ message: 'must be given once' })
  search?: string;

  @ApiPropertyOptional({
    description: 'Only live or only deleted patients; without it, both.',
    enum: STATES,
    enumName: 'PatientState',
  })
  @IsOptional()
  @IsIn(STATES, { message: `must be one of ${STATES.join(', ')}` })
  state?: (typeof STATES)[number];
}

/** What an administrator sees of a patient. */
@ApiSchema({ name: 'Patient', description: 'What an administrator sees of a patient before deciding.' })
export class PatientDto {
  @ApiProperty({ description: 'The patient.', format: 'uuid', example: PATIENT.patientId })
  patientId: string;

  @ApiProperty({
    description: 'The hospital’s own number; not the national id.',
    example: PATIENT.recordNumber,
  })
  recordNumber: string;

  @ApiProperty({ description: 'Given name.', example: PATIENT.givenName })
  givenName: string;

  @ApiProperty({ description: 'Family name.', example: PATIENT.familyName })
  familyName: string;

  @ApiProperty({
    description: 'Date of birth; null where it is not known.',
    type: String,
    format: 'date',
    nullable: true,
    example: PATIENT.birthDate,
  })
  birthDate: string | null;

  @ApiProperty({
    description: 'Whether the patient is deleted.',
    enum: STATES,
    enumName: 'PatientState',
    example: 'live',
  })
  state: (typeof STATES)[number];
}

/** A page of patients. */
@ApiSchema({ name: 'PatientPage', description: 'Patients by family and given name.' })
export class PatientPageDto {
  @ApiProperty({ description: 'The patients of this page.', type: [PatientDto], example: [PATIENT] })
  items: readonly Plain<PatientDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

export function toPatientDto(patient: PatientSummary): Plain<PatientDto> {
  const { patientId, recordNumber, givenName, familyName, birthDate, state } = patient;
  return { patientId, recordNumber, givenName, familyName, birthDate, state };
}
