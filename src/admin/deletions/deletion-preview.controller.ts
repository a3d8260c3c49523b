import { Body, Controller, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { type DeletionPreview, PatientOrchestrator } from '../../orchestrator/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { DeletionPreviewDto } from './deletion.dto.js';
import { PREVIEW } from '../http/examples.js';
import { Operation } from '../http/operation.decorator.js';
import { PatientPath } from '../patients/patient.dto.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';

/** Says what a deletion would do. */
@ApiTags('deletions')
@Controller(`${BASE_PATH}/patients/:patientId/deletion-preview`)
export class DeletionPreviewController {
  constructor(private readonly orchestrator: PatientOrchestrator) {}

  @Post()
  @Operation({
    id: 'previewDeletion',
    summary: 'Preview a deletion',
    description:
      'Runs the first phase of a deletion, Prepare, and rolls it back: the rows that every shard would delete, and ' +
      'every reason to refuse. Needs no body.',
    roles: ['system-admin', 'privacy-officer'],
    answers: [{ description: 'What a deletion would do.', type: DeletionPreviewDto, example: PREVIEW }],
    problems: ['PATIENT_NOT_FOUND', 'PATIENT_ALREADY_DELETED', 'SHARD_FAILED'],
  })
  @ApiBody({ type: Nothing, required: false, description: 'None is needed; an empty object will do.' })
  async preview(
    @Param() { patientId }: PatientPath,
    @Query() _query: Nothing,
    @Body() _body: Nothing,
    @Req() request: Request,
  ): Promise<DeletionPreview> {
    return this.orchestrator.previewDeletion({ patientId, requestId: requestIdOf(request) });
  }
}
