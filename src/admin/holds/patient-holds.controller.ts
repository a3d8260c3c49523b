import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { type Held, HoldOrchestrator } from '../../orchestrator/index.js';
import { LegalHolds } from '../../patient/index.js';
import { OutcomePending } from '../../protocol/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { PATIENT_ID, pageExample } from '../http/examples.js';
import { HOLD, HOLD_REQUEST, RELEASE_REQUEST, RELEASED_HOLD } from './hold.examples.js';
import { Operation } from '../http/operation.decorator.js';
import type { Page } from '../http/page.dto.js';
import { answerLater, pendingHeaders } from '../http/pending.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';
import { PatientPath } from '../patients/patient.dto.js';
import {
  HoldPath,
  HoldPendingDto,
  HoldRequestDto,
  LegalHoldDto,
  LegalHoldPageDto,
  ReleaseRequestDto,
  toLegalHoldDto,
} from './legal-hold.dto.js';

const PENDING = {
  status: 202,
  description: 'The database was lost during the commit; the list of holds will tell what became of it.',
  type: HoldPendingDto,
  example: { patientId: PATIENT_ID, state: 'COMMITTING' },
  headers: pendingHeaders('Path of the patient’s holds.'),
} as const;

/** Places, releases and shows the legal holds of one patient. */
@ApiTags('legal holds')
@Controller(`${BASE_PATH}/patients/:patientId/legal-holds`)
export class PatientHoldsController {
  constructor(
    private readonly orchestrator: HoldOrchestrator,
    private readonly holds: LegalHolds,
  ) {}

  @Post()
  @Operation({
    id: 'placeLegalHold',
    summary: 'Place a legal hold',
    description:
      'While the hold stands, Silgi neither deletes nor restores the patient, live or deleted; what the hospital’s own systems change or remove is not stopped. It takes the ' +
      'lock that a deletion takes, so that whichever comes first, the other one sees it. One audit event goes with it. ' +
      'A repeat is safe: a hold for the same case that stands on the same ground is answered with 200, and nothing is ' +
      'written. `PATIENT_ALREADY_DELETED` where the hospital’s own system has hidden the patient, whom Silgi neither ' +
      'deletes nor restores. A row that is also another patient’s can leave with that one, where the declaration of the ' +
      'hospital’s own tables says so (`leavesWithFirst`).',
    roles: ['privacy-officer'],
    answers: [
      {
        status: 201,
        description: 'The hold stands, and it is committed.',
        type: LegalHoldDto,
        example: HOLD,
      },
      { description: 'Such a hold stood before; nothing was written.', type: LegalHoldDto, example: HOLD },
      PENDING,
    ],
    problems: ['PATIENT_NOT_FOUND', 'PATIENT_ALREADY_DELETED', 'SHARD_FAILED'],
  })
  @ApiExtraModels(HoldRequestDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(HoldRequestDto) },
    examples: { request: { summary: 'A court asks for the file', value: HOLD_REQUEST } },
  })
  async place(
    @Param() { patientId }: PatientPath,
    @Query() _: Nothing,
    @Body() { ground, reference }: HoldRequestDto,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<LegalHoldDto | HoldPendingDto>> {
    const asked = { patientId, ground, reference, requestId: requestIdOf(request) };
    const placed = this.orchestrator.placeHold({ ...asked, ...requester });
    return this.answer(placed, patientId, request, response, ({ replayed }) => (replayed ? 200 : 201));
  }

  @Post(':holdId/release')
  @Operation({
    id: 'releaseLegalHold',
    summary: 'Release a legal hold',
    description:
      'Ends a hold, with one audit event, whatever has become of the patient; what other holds keep stays kept. A repeat is ' +
      'safe: a hold that was released on the same ground is answered as it is.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The hold is released, and it is committed.',
        type: LegalHoldDto,
        example: RELEASED_HOLD,
      },
      PENDING,
    ],
    problems: ['PATIENT_NOT_FOUND', 'LEGAL_HOLD_NOT_FOUND', 'LEGAL_HOLD_RELEASED', 'SHARD_FAILED'],
  })
  @ApiExtraModels(ReleaseRequestDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(ReleaseRequestDto) },
    examples: { request: { summary: 'The case is closed', value: RELEASE_REQUEST } },
  })
  async release(
    @Param() { patientId, holdId }: HoldPath,
    @Query() _: Nothing,
    @Body() { ground }: ReleaseRequestDto,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<LegalHoldDto | HoldPendingDto>> {
    const asked = { patientId, holdId, ground, requestId: requestIdOf(request) };
    const released = this.orchestrator.releaseHold({ ...asked, ...requester });
    return this.answer(released, patientId, request, response, () => 200);
  }

  @Get()
  @Operation({
    id: 'listLegalHoldsOfPatient',
    summary: 'List the legal holds of a patient',
    description: 'Every hold of this patient, released ones too, newest first, on one page.',
    roles: ['privacy-officer', 'auditor'],
    answers: [{ description: 'The holds.', type: LegalHoldPageDto, example: pageExample(HOLD) }],
    problems: ['PATIENT_NOT_FOUND'],
  })
  async list(@Param() { patientId }: PatientPath, @Query() _: Nothing): Promise<Page<Plain<LegalHoldDto>>> {
    const holds = await this.holds.ofPatient(patientId);
    return { items: holds.map(toLegalHoldDto), nextCursor: null };
  }

  /** Where nobody knows yet what has become of it, the list of the patient's holds will tell. */
  private async answer(
    done: Promise<Held>,
    patientId: string,
    request: Request,
    response: Response,
    statusOf: (held: Held) => number,
  ): Promise<Plain<LegalHoldDto | HoldPendingDto>> {
    try {
      const held = await done;
      response.status(statusOf(held));
      return toLegalHoldDto(held.hold);
    } catch (error) {
      if (!(error instanceof OutcomePending)) throw error;
      answerLater(request, response, `/${BASE_PATH}/patients/${patientId}/legal-holds`);
      return { patientId, state: 'COMMITTING' };
    }
  }
}
