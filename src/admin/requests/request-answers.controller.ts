import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { Letters } from '../../letter/index.js';
import { RequestOrchestrator } from '../../orchestrator/index.js';
import { ErasureRequests } from '../../patient/index.js';
import { REQUESTS_PATH } from '../http/api.path.js';
import { formOf, languageOf, VARIES } from '../http/negotiation.js';
import { Operation } from '../http/operation.decorator.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';
import { answerWith, PENDING_REQUEST } from './answered.request.js';
import {
  ErasureRequestDto,
  ErasureRequestPath,
  ExtensionDto,
  RefusalDto,
  type RequestPendingDto,
} from './erasure-request.dto.js';
import {
  EXTENDED_REQUEST,
  EXTENSION,
  REFUSAL,
  REFUSED_REQUEST,
  WITHDRAWN_REQUEST,
} from './request.examples.js';

const PDF = ['application/pdf'] as const;

/** Answers the requests of data subjects. */
@ApiTags('erasure requests')
@Controller(`${REQUESTS_PATH}/:requestId`)
export class RequestAnswersController {
  constructor(
    private readonly orchestrator: RequestOrchestrator,
    private readonly requests: ErasureRequests,
    private readonly letters: Letters,
  ) {}

  @Post('extension')
  @Operation({
    id: 'extendErasureRequest',
    summary: 'Extend the time of a request',
    description:
      'Adds two calendar months, once, with one audit event, and within the time that it extends (GDPR 12(3); KVKK knows no ' +
      'extension). The data subject has to be told: `letter` has it. A repeat for the same reason is answered as it is.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The time is extended, and it is committed.',
        type: ErasureRequestDto,
        example: EXTENDED_REQUEST,
      },
      PENDING_REQUEST,
    ],
    problems: ['ERASURE_REQUEST_NOT_FOUND', 'ERASURE_REQUEST_CLOSED', 'EXTENSION_REFUSED', 'SHARD_FAILED'],
  })
  @ApiExtraModels(ExtensionDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(ExtensionDto) },
    examples: { request: { summary: 'The request is complex', value: EXTENSION } },
  })
  async extend(
    @Param() { requestId: erasureRequestId }: ErasureRequestPath,
    @Query() _: Nothing,
    @Body() { reason }: ExtensionDto,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ErasureRequestDto | RequestPendingDto>> {
    const asked = { ...(await this.asked(erasureRequestId, request)), reason };
    return answerWith(this.orchestrator.extendRequest({ ...asked, ...requester }), request, response);
  }

  @Post('refusal')
  @Operation({
    id: 'refuseErasureRequest',
    summary: 'Refuse a request',
    description:
      'Closes a request that is not fulfilled, with its ground and one audit event. The data subject has to be told (GDPR ' +
      '12(4), KVKK 13(3)): `letter` has it. A repeat on the same ground is answered as it is.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The request is refused, and it is committed.',
        type: ErasureRequestDto,
        example: REFUSED_REQUEST,
      },
      PENDING_REQUEST,
    ],
    problems: ['ERASURE_REQUEST_NOT_FOUND', 'ERASURE_REQUEST_CLOSED', 'SHARD_FAILED'],
  })
  @ApiExtraModels(RefusalDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(RefusalDto) },
    examples: { request: { summary: 'A law makes the hospital keep the data', value: REFUSAL } },
  })
  async refuse(
    @Param() { requestId: erasureRequestId }: ErasureRequestPath,
    @Query() _: Nothing,
    @Body() { ground }: RefusalDto,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ErasureRequestDto | RequestPendingDto>> {
    const asked = { ...(await this.asked(erasureRequestId, request)), ground };
    return answerWith(this.orchestrator.refuseRequest({ ...asked, ...requester }), request, response);
  }

  @Post('withdrawal')
  @Operation({
    id: 'withdrawErasureRequest',
    summary: 'Record that a request was withdrawn',
    description:
      'Closes a request that is not fulfilled and that the data subject wants no more, with one audit event. One that is ' +
      'fulfilled is withdrawn by the restoration of the patient, for the reason `REQUEST_WITHDRAWN`.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The request is withdrawn, and it is committed.',
        type: ErasureRequestDto,
        example: WITHDRAWN_REQUEST,
      },
      PENDING_REQUEST,
    ],
    problems: ['ERASURE_REQUEST_NOT_FOUND', 'ERASURE_REQUEST_CLOSED', 'SHARD_FAILED'],
  })
  async withdraw(
    @Param() { requestId: erasureRequestId }: ErasureRequestPath,
    @Query() _query: Nothing,
    @Body() _body: Nothing,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ErasureRequestDto | RequestPendingDto>> {
    const asked = await this.asked(erasureRequestId, request);
    return answerWith(this.orchestrator.withdrawRequest({ ...asked, ...requester }), request, response);
  }

  @Get('letter')
  @Operation({
    id: 'getErasureRequestLetter',
    summary: 'Get the letter to the data subject',
    description:
      'Says, as a PDF, that the request is fulfilled, refused, extended or deferred, why, and what the data subject can do ' +
      'about it. It is made of the record alone: nobody’s name or address is on it. `NOTHING_TO_TELL` where there is no such decision.',
    roles: ['privacy-officer'],
    answers: [
      {
        description: 'The letter.',
        alsoAs: PDF,
        headers: {
          'Content-Disposition': { description: 'A name for the file.', schema: { type: 'string' } },
          'Content-Language': { description: 'The language of the letter.', schema: { type: 'string' } },
          Vary: { description: '`Accept, Accept-Language`.', schema: { type: 'string' } },
        },
      },
    ],
    problems: ['ERASURE_REQUEST_NOT_FOUND', 'NOTHING_TO_TELL', 'NOT_ACCEPTABLE'],
  })
  @ApiHeader({
    name: 'Accept-Language',
    required: false,
    description: 'The language of the letter: `en`, which it is unless told, or `tr`.',
    schema: { type: 'string' },
  })
  async letter(
    @Param() { requestId }: ErasureRequestPath,
    @Query() _: Nothing,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    VARIES.forEach((header) => response.vary(header));
    const form = formOf(request, PDF);
    const language = languageOf(request);
    const letter = await this.letters.answerTo(requestId, language);
    response.attachment(`silgi-request-${requestId}-${language}.pdf`).set('Content-Language', language);
    response.type(form).send(letter);
  }

  /** @throws ErasureRequestNotFound */
  private async asked(erasureRequestId: string, request: Request) {
    const { patientId } = await this.requests.get(erasureRequestId);
    return { patientId, erasureRequestId, requestId: requestIdOf(request) };
  }
}
