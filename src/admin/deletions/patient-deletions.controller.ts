import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { OutcomePending } from '../../protocol/index.js';
import { type DeletionAnswer, PatientOrchestrator } from '../../orchestrator/index.js';
import { DeletionRecords } from '../../patient/index.js';
import { BASE_PATH, deletionPath } from '../http/api.path.js';
import {
  DeletionPath,
  DeletionRecordDto,
  DeletionRecordPageDto,
  toDeletionRecordDto,
} from './deletion-record.dto.js';
import { DeletionDto, type DeletionPendingDto, DeletionRequestDto } from './deletion.dto.js';
import { answerPending, LOCATION, PENDING_ANSWER, REPLAYED } from './pending.answer.js';
import { DELETION, pageExample, RECORD, REQUEST } from '../http/examples.js';
import { IdempotencyKey } from '../http/idempotency-key.js';
import { Operation } from '../http/operation.decorator.js';
import type { Page } from '../http/page.dto.js';
import { PatientPath } from '../patients/patient.dto.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';

/** Deletes a patient, and shows the deletions of one. */
@ApiTags('deletions')
@Controller(`${BASE_PATH}/patients/:patientId/deletions`)
export class PatientDeletionsController {
  constructor(
    private readonly orchestrator: PatientOrchestrator,
    private readonly records: DeletionRecords,
  ) {}

  @Post()
  @Operation({
    id: 'deletePatient',
    summary: 'Delete a patient',
    description:
      'Deletes every row of the patient in every shard, with one audit event, or changes nothing. With an ' +
      'Idempotency-Key a repeat of the request is safe: it gets the first answer again, byte for byte.',
    roles: ['system-admin'],
    answers: [
      {
        status: 201,
        description: 'The patient is deleted, and it is committed.',
        type: DeletionDto,
        example: DELETION,
        headers: {
          Location: LOCATION,
          ...REPLAYED,
        },
      },
      PENDING_ANSWER,
    ],
    problems: [
      ...([
        'PATIENT_NOT_FOUND',
        'PATIENT_ALREADY_DELETED',
        'DELETION_VETOED',
        'REQUEST_IN_PROGRESS',
      ] as const),
      ...([
        'PREVIEW_OUTDATED',
        'IDEMPOTENCY_KEY_REUSED',
        'SHARD_FAILED',
        'DEMOGRAPHICS_NOT_DELETED',
      ] as const),
    ],
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Recommended: 1 to 255 visible ASCII characters, new for every deletion, such as a random UUID. A key belongs to ' +
      'the patient of its path: with the same patient it gets the first answer again, or 422 where the body differs; ' +
      'with another patient it is a second deletion.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  })
  @ApiExtraModels(DeletionRequestDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(DeletionRequestDto) },
    examples: { request: { summary: 'A request of the data subject', value: REQUEST } },
  })
  async create(
    @Param() { patientId }: PatientPath,
    @Query() _: Nothing,
    @Body() { reason, legalBasis, previewDigest, requestId: erasureRequestId }: DeletionRequestDto,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DeletionAnswer | Plain<DeletionPendingDto>> {
    const asked = { patientId, reason, legalBasis, previewDigest, erasureRequestId, idempotencyKey };
    try {
      const { answer, replayed } = await this.orchestrator.deletePatient({
        ...asked,
        ...requester,
        requestId: requestIdOf(request),
      });
      response.location(request.baseUrl + deletionPath(patientId, answer.deletionId));
      if (replayed) response.set('Idempotency-Replayed', 'true');
      return answer;
    } catch (error) {
      if (!(error instanceof OutcomePending)) throw error;
      return answerPending(error.ids['deletionId'] as string, patientId, request, response);
    }
  }

  @Get()
  @Operation({
    id: 'listDeletionsOfPatient',
    summary: 'List the deletions of a patient',
    description: 'Every deletion of this patient, newest first, on one page.',
    roles: ['system-admin', 'privacy-officer', 'auditor'],
    answers: [{ description: 'The records.', type: DeletionRecordPageDto, example: pageExample(RECORD) }],
    problems: ['PATIENT_NOT_FOUND'],
  })
  async list(
    @Param() { patientId }: PatientPath,
    @Query() _: Nothing,
  ): Promise<Page<Plain<DeletionRecordDto>>> {
    const records = await this.records.ofPatient(patientId);
    return { items: records.map(toDeletionRecordDto), nextCursor: null };
  }

  @Get(':deletionId')
  @Operation({
    id: 'getDeletion',
    summary: 'Show a deletion',
    description: 'Who asked for it, why, and what it took. It is there once the deletion is committed.',
    roles: ['system-admin', 'privacy-officer', 'auditor'],
    answers: [{ description: 'The record.', type: DeletionRecordDto, example: RECORD }],
    problems: ['DELETION_NOT_FOUND'],
  })
  async get(
    @Param() { patientId, deletionId }: DeletionPath,
    @Query() _: Nothing,
  ): Promise<Plain<DeletionRecordDto>> {
    return toDeletionRecordDto(await this.records.get(patientId, deletionId));
  }
}
