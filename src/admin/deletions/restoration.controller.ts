import { Body, Controller, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { PatientOrchestrator, type RestorationAnswer } from '../../orchestrator/index.js';
import { OutcomePending } from '../../protocol/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { RESTORATION_REQUEST, UNDONE_RECORD } from '../http/examples.js';
import { IdempotencyKey } from '../http/idempotency-key.js';
import { Operation } from '../http/operation.decorator.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';
import { DeletionPath, DeletionRecordDto } from './deletion-record.dto.js';
import type { DeletionPendingDto } from './deletion.dto.js';
import { answerPending, PENDING_ANSWER, REPLAYED } from './pending.answer.js';
import { RestorationRequestDto } from './restoration.dto.js';

/** Undoes deletions. */
@ApiTags('deletions')
@Controller(`${BASE_PATH}/patients/:patientId/deletions/:deletionId/restoration`)
export class RestorationController {
  constructor(private readonly orchestrator: PatientOrchestrator) {}

  @Post()
  @Operation({
    id: 'restorePatient',
    summary: 'Undo a deletion',
    description:
      'Brings back exactly the rows that this deletion has hidden, in every shard, with one audit event, or changes ' +
      'nothing. Rows that the hospital’s own system had hidden before stay so. Allowed for `RESTORE_WINDOW_DAYS` (30) days ' +
      'after the deletion. With an Idempotency-Key a repeat of the request is safe: it gets the first answer again, byte ' +
      'for byte.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The deletion is undone, and it is committed.',
        type: DeletionRecordDto,
        example: UNDONE_RECORD,
        headers: REPLAYED,
      },
      PENDING_ANSWER,
    ],
    problems: [
      'PATIENT_NOT_FOUND',
      'DELETION_NOT_FOUND',
      'RESTORATION_REFUSED',
      'IDEMPOTENCY_KEY_REUSED',
      'SHARD_FAILED',
    ],
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Recommended: 1 to 255 visible ASCII characters, such as a random UUID. It belongs to the restoration of this ' +
      'deletion: with the same body it gets the first answer again, or 422 with another.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  })
  @ApiExtraModels(RestorationRequestDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(RestorationRequestDto) },
    examples: { request: { summary: 'The wrong patient was deleted', value: RESTORATION_REQUEST } },
  })
  async create(
    @Param() { patientId, deletionId }: DeletionPath,
    @Query() _: Nothing,
    @Body() { reason }: RestorationRequestDto,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RestorationAnswer | Plain<DeletionPendingDto>> {
    const asked = { patientId, deletionId, reason, idempotencyKey };
    try {
      const { answer, replayed } = await this.orchestrator.restorePatient({
        ...asked,
        ...requester,
        requestId: requestIdOf(request),
      });
      if (replayed) response.set('Idempotency-Replayed', 'true');
      return answer;
    } catch (error) {
      if (!(error instanceof OutcomePending)) throw error;
      return answerPending(deletionId, patientId, request, response);
    }
  }
}
