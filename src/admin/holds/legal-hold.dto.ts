import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import {
  CASE_NUMBER,
  HOLD_GROUNDS,
  type HoldGround,
  NO_CASE_NUMBER,
  RELEASE_GROUNDS,
  type ReleaseGround,
} from '../../common/index.js';
import { HOLD_STATES, type HoldState, type LegalHold } from '../../patient/index.js';
import { HOLD, HOLD_REQUEST, RELEASE_REQUEST } from './hold.examples.js';
import { NEXT_CURSOR, PageQuery } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { IsUuid } from '../http/request.validation.js';
import { PatientPath } from '../patients/patient.dto.js';

/** The hold that a path names. */
export class HoldPath extends PatientPath {
  @ApiProperty({ description: 'The legal hold: its id stands in the lists of holds.', format: 'uuid' })
  @IsUuid()
  holdId: string;
}

/** Which holds. */
export class HoldsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only holds in this state.',
    enum: HOLD_STATES,
    enumName: 'LegalHoldState',
  })
  @IsOptional()
  @IsIn(HOLD_STATES, { message: `must be one of ${HOLD_STATES.join(', ')}` })
  state?: HoldState;
}

/** Why a patient is to be held. */
@ApiSchema({ name: 'LegalHoldRequest', description: 'Why the patient is to be held: a code, and the case.' })
export class HoldRequestDto {
  @ApiProperty({
    description: 'Why; a code, never free text.',
    enum: HOLD_GROUNDS,
    enumName: 'LegalHoldGround',
    example: HOLD_REQUEST.ground,
  })
  @IsIn(HOLD_GROUNDS, { message: `must be one of ${HOLD_GROUNDS.join(', ')}` })
  ground: HoldGround;

  @ApiProperty({
    description:
      'The number of the case, as the court or the authority writes it. Leave names and sentences out: whoever reads the ' +
      'holds sees it.',
    pattern: CASE_NUMBER.source,
    minLength: 1,
    maxLength: 64,
    example: HOLD_REQUEST.reference,
  })
  @Matches(CASE_NUMBER, { message: NO_CASE_NUMBER })
  reference: string;
}

/** Why a hold is to be released. */
@ApiSchema({ name: 'LegalHoldReleaseRequest', description: 'Why the hold is to be released, as a code.' })
export class ReleaseRequestDto {
  @ApiProperty({
    description: 'Why; a code, never free text.',
    enum: RELEASE_GROUNDS,
    enumName: 'LegalHoldReleaseGround',
    example: RELEASE_REQUEST.ground,
  })
  @IsIn(RELEASE_GROUNDS, { message: `must be one of ${RELEASE_GROUNDS.join(', ')}` })
  ground: ReleaseGround;
}

/** A legal hold. */
@ApiSchema({
  name: 'LegalHold',
  description:
    'While it stands, Silgi neither deletes nor restores the patient. What the hospital’s own systems change or remove is ' +
    'not stopped.',
})
export class LegalHoldDto {
  @ApiProperty({ description: 'The hold.', format: 'uuid', example: HOLD.holdId })
  holdId: string;

  @ApiProperty({ description: 'The patient.', format: 'uuid', example: HOLD.patientId })
  patientId: string;

  @ApiProperty({
    description: 'Whether it stands. It never ends by itself.',
    enum: HOLD_STATES,
    enumName: 'LegalHoldState',
    example: HOLD.state,
  })
  state: HoldState;

  @ApiProperty({
    description: 'Why; of a hold that was not placed by this API, whatever was written there.',
    example: HOLD.ground,
  })
  ground: string;

  @ApiProperty({
    description: 'The number of the case; null of a hold that was not placed by this API.',
    type: String,
    nullable: true,
    example: HOLD.reference,
  })
  reference: string | null;

  @ApiProperty({ description: 'Who placed it.', example: HOLD.placedBy })
  placedBy: string;

  @ApiProperty({ description: 'When, in UTC.', format: 'date-time', example: HOLD.placedAt })
  placedAt: string;

  @ApiProperty({
    description: 'The audit event of its placing; null of a hold that was not placed by this API.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: HOLD.placedEventId,
  })
  placedEventId: string | null;

  @ApiProperty({
    description: 'Who released it; null while it stands.',
    type: String,
    nullable: true,
    example: HOLD.releasedBy,
  })
  releasedBy: string | null;

  @ApiProperty({
    description: 'When, in UTC; null while it stands.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: HOLD.releasedAt,
  })
  releasedAt: string | null;

  @ApiProperty({
    description: 'Why it was released; null while it stands, and of one that was not released by this API.',
    type: String,
    nullable: true,
    example: HOLD.releaseGround,
  })
  releaseGround: string | null;

  @ApiProperty({
    description: 'The audit event of its release.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: HOLD.releasedEventId,
  })
  releasedEventId: string | null;
}

/** A hold, or its release, whose outcome is not known yet. */
@ApiSchema({
  name: 'LegalHoldPending',
  description:
    'The database was lost during the commit. Neither done nor failed: the list of the patient’s holds will tell. To ask ' +
    'again is safe.',
})
export class HoldPendingDto {
  @ApiProperty({ description: 'The patient.', format: 'uuid', example: HOLD.patientId })
  patientId: string;

  @ApiProperty({ description: 'Being committed.', enum: ['COMMITTING'], example: 'COMMITTING' })
  state: 'COMMITTING';
}

/** A page of holds. */
@ApiSchema({
  name: 'LegalHoldPage',
  description: 'Legal holds, newest first; one that was not placed by this API stands where its id puts it.',
})
export class LegalHoldPageDto {
  @ApiProperty({ description: 'The holds of this page.', type: [LegalHoldDto], example: [HOLD] })
  items: readonly Plain<LegalHoldDto>[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}

export function toLegalHoldDto(hold: Readonly<LegalHold>): Plain<LegalHoldDto> {
  const { holdId, patientId, ground, reference, placedBy, placedEventId } = hold;
  const { releasedBy, releaseGround, releasedEventId } = hold;
  return {
    holdId,
    patientId,
    state: hold.releasedAt === null ? 'STANDING' : 'RELEASED',
    ground,
    reference,
    placedBy,
    placedAt: hold.placedAt.toISOString(),
    placedEventId,
    releasedBy,
    releasedAt: hold.releasedAt?.toISOString() ?? null,
    releaseGround,
    releasedEventId,
  };
}
