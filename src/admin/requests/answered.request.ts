import type { Request, Response } from 'express';
import type { Answered } from '../../orchestrator/index.js';
import { OutcomePending } from '../../protocol/index.js';
import { REQUESTS_PATH } from '../http/api.path.js';
import { answerLater, pendingHeaders } from '../http/pending.js';
import type { Plain } from '../http/plain.js';
import { type ErasureRequestDto, RequestPendingDto, toErasureRequestDto } from './erasure-request.dto.js';
import { ERASURE_REQUEST } from './request.examples.js';

/** How a call is documented whose outcome nobody knows yet. */
export const PENDING_REQUEST = {
  status: 202,
  description: 'The database was lost during the commit; the request will tell what became of it.',
  type: RequestPendingDto,
  example: { requestId: ERASURE_REQUEST.requestId, state: 'COMMITTING' },
  headers: pendingHeaders('Path of the request.'),
} as const;

/** Answers with the request as it is, or with where to ask. */
export async function answerWith(
  done: Promise<Answered>,
  request: Request,
  response: Response,
  statusOf: (answered: Answered) => number = () => 200,
): Promise<Plain<ErasureRequestDto | RequestPendingDto>> {
  try {
    const answered = await done;
    response.status(statusOf(answered));
    return toErasureRequestDto(answered.request);
  } catch (error) {
    if (!(error instanceof OutcomePending)) throw error;
    const requestId = String(error.ids['erasureRequestId']);
    answerLater(request, response, `/${REQUESTS_PATH}/${requestId}`);
    return { requestId, state: 'COMMITTING' };
  }
}
