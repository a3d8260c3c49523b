import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { BATCHES_PATH } from '../http/api.path.js';

const ROUTE = new RegExp(`^/${BATCHES_PATH}/?(?:\\?|$)`, 'i');
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Whether this makes a batch of a list of ids, which may be longer than any other body. */
export function isBatchRequest(request: IncomingMessage): boolean {
  return isCreation(request) && JSON_TYPE.test(request.headers['content-type'] ?? '');
}

/** Whether this makes a batch of a CSV, which is read by its handler as it comes, and is of any length. */
export function isCsvUpload(request: Request): boolean {
  return isCreation(request) && request.is('text/csv') !== false && request.is('text/csv') !== null;
}

/** What a body may be sent as, in words. */
export function mediaTypesOf(request: IncomingMessage): string {
  return isCreation(request) ? 'application/json or text/csv' : 'application/json';
}

function isCreation({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && ROUTE.test(url ?? '');
}
