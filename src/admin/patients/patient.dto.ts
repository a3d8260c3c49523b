import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { PatientSummary } from '../../patient/index.js';
import { PATIENT, PATIENT_ID } from '../http/examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';

const STATES = ['live', 'deleted'] as const;
const MAX_SEARCH = 200;
const NOT_DECLARED = 'Null where the hospital’s declaration shows none.';

/** The patient that a path names. */
export class PatientPath {
  @ApiProperty({ description: 'The patient.', format: 'uuid', example: PATIENT_ID })
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
    description:
      'The hospital’s key of one patient, just as its database writes it: in a database whose tables are declared ' +
      '(docs/adopting.md), instead of a search.',
    maxLength: MAX_SEARCH,
  })
  @IsOptional()
  @Matches(/^\P{Cc}+$/u, { message: 'must not be empty or hold control characters' })
  @MaxLength(MAX_SEARCH, { message: `must be at most ${MAX_SEARCH} characters` })
  @IsString({ message: 'must be given once' })
  key?: string;

  @ApiPropertyOptional({
    description:
      'Only live or only deleted patients. Without it both for a privacy-officer, and the live ones for everybody else.',
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
    description: `The hospital’s own number; not the national id. ${NOT_DECLARED}`,
    type: String,
    nullable: true,
    example: PATIENT.recordNumber,
  })
  recordNumber: string | null;

  @ApiProperty({
    description: `Given name. ${NOT_DECLARED}`,
    type: String,
    nullable: true,
    example: PATIENT.givenName,
  })
  givenName: string | null;

  @ApiProperty({
    description: `Family name. ${NOT_DECLARED}`,
    type: String,
    nullable: true,
    example: PATIENT.familyName,
  })
  familyName: string | null;

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
