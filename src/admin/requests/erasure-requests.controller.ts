import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { RequestOrchestrator } from '../../orchestrator/index.js';
import { ErasureRequests } from '../../patient/index.js';
import { REQUESTS_PATH } from '../http/api.path.js';
import { pageExample } from '../http/examples.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';
import { answerWith, PENDING_REQUEST } from './answered.request.js';
import {
  ErasureRequestDto,
  ErasureRequestPageDto,
  ErasureRequestPath,
  ErasureRequestsQuery,
  RecordingDto,
  type RequestPendingDto,
  toErasureRequestDto,
} from './erasure-request.dto.js';
import { ERASURE_REQUEST, RECORDING } from './request.examples.js';

/** Records the requests of data subjects, and shows them. */
@ApiTags('erasure requests')
@Controller(REQUESTS_PATH)
export class ErasureRequestsController {
  private readonly lists = new ListReads();

  constructor(
    private readonly orchestrator: RequestOrchestrator,
    private readonly requests: ErasureRequests,
  ) {}

  @Post()
  @Operation({
    id: 'recordErasureRequest',
    summary: 'Record a data subject’s request',
    description:
      'Records that a patient, live or deleted, has asked for the erasure of his data, with one audit event; the answer has ' +
      'the day by which he has to have his. A deletion fulfils it, by its `requestId` or without. A repeat is safe: a ' +
      'request that came on the same day in the same way and waits for its answer is answered with 200, and nothing is written.',
    roles: ['privacy-officer'],
    answers: [
      {
        status: 201,
        description: 'The request is recorded, and it is committed.',
        type: ErasureRequestDto,
        example: ERASURE_REQUEST,
      },
      {
        description: 'Such a request waits for its answer; nothing was written.',
        type: ErasureRequestDto,
        example: ERASURE_REQUEST,
      },
      PENDING_REQUEST,
    ],
    problems: ['PATIENT_NOT_FOUND', 'SHARD_FAILED'],
  })
  @ApiExtraModels(RecordingDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(RecordingDto) },
    examples: { request: { summary: 'A request by registered electronic mail', value: RECORDING } },
  })
  async record(
    @Query() _: Nothing,
    @Body() { patientId, receivedOn, channel }: RecordingDto,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ErasureRequestDto | RequestPendingDto>> {
    const asked = { patientId, receivedOn, channel, requestId: requestIdOf(request) };
    const recorded = this.orchestrator.recordRequest({ ...asked, ...requester });
    return answerWith(recorded, request, response, ({ replayed }) => (replayed ? 200 : 201));
  }

  @Get()
  @Operation({
    id: 'listErasureRequests',
    summary: 'List the requests of data subjects',
    description: 'Requests across patients, the last recorded first.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'A page of requests.',
        type: ErasureRequestPageDto,
        example: pageExample(ERASURE_REQUEST),
      },
    ],
  })
  async list(
    @Query() { state, overdue, patientId, cursor, limit }: ErasureRequestsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<ErasureRequestDto>>> {
    const filter = { state, overdue, patientId, before: cursor, limit: limit + 1 };
    const found = await this.lists.read(response, (signal) => this.requests.page(filter, signal));
    return pageOf(found.map(toErasureRequestDto), limit, ({ requestId }) => requestId);
  }

  @Get(':requestId')
  @Operation({
    id: 'getErasureRequest',
    summary: 'Show a data subject’s request',
    description: 'What came, by when it has to be answered, and what has become of it.',
    roles: ['privacy-officer'],
    answers: [{ description: 'The request.', type: ErasureRequestDto, example: ERASURE_REQUEST }],
    problems: ['ERASURE_REQUEST_NOT_FOUND'],
  })
  async get(
    @Param() { requestId }: ErasureRequestPath,
    @Query() _: Nothing,
  ): Promise<Plain<ErasureRequestDto>> {
    return toErasureRequestDto(await this.requests.get(requestId));
  }
}
