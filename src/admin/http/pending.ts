import type { Request, Response } from 'express';
import { PROBLEMS } from '../problems/problem.catalogue.js';

/** What an answer has where nobody knows yet what has become of an action. @param where what its Location is */
export const pendingHeaders = (where: string) =>
  ({
    Location: { description: where, required: true, schema: { type: 'string' } },
    'Retry-After': {
      description: 'Seconds after which to ask.',
      required: true,
      schema: { type: 'integer' },
    },
  }) as const;

/** Answers 202, and where to ask. @param path of what will tell, below that of the service */
export function answerLater(request: Request, response: Response, path: string): void {
  response
    .status(202)
    .location(request.baseUrl + path)
    .set('Retry-After', String(PROBLEMS.SHARD_UNAVAILABLE.retryAfter));
}
