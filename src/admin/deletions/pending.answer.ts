import type { Request, Response } from 'express';
import { deletionPath } from '../http/api.path.js';
import { DELETION_ID, PATIENT_ID } from '../http/examples.js';
import { answerLater, pendingHeaders } from '../http/pending.js';
import type { Plain } from '../http/plain.js';
import { DeletionPendingDto } from './deletion.dto.js';

const PENDING_HEADERS = pendingHeaders('Path of the deletion’s record.');

/** Where the record of a deletion is. */
export const LOCATION = PENDING_HEADERS.Location;

/** Of an answer that an earlier request has got. */
export const REPLAYED = {
  'Idempotency-Replayed': {
    description: '`true` where this is the answer to an earlier request with the same key.',
    schema: { type: 'string' },
  },
} as const;

/** The answer where nobody knows yet what has become of an action on a patient. */
export const PENDING_ANSWER = {
  status: 202,
  description: 'The database was lost during the commit; the record will tell what became of it.',
  type: DeletionPendingDto,
  example: { deletionId: DELETION_ID, patientId: PATIENT_ID, state: 'COMMITTING' },
  headers: PENDING_HEADERS,
} as const;

/** Answers with {@link PENDING_ANSWER}; the record of the deletion tells what became of it. */
export function answerPending(
  deletionId: string,
  patientId: string,
  request: Request,
  response: Response,
): Plain<DeletionPendingDto> {
  answerLater(request, response, deletionPath(patientId, deletionId));
  return { deletionId, patientId, state: 'COMMITTING' };
}
