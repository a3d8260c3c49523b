import type { RequestHandler } from 'express';
import { ValidationFailed } from './request.errors.js';
import { parseStrictJson, StrictJsonError } from './strict.json.js';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;
const UTF_8 = /^utf-?8$/i;

/** Makes an object of the bytes that the body parser has read; an empty body is one without fields. */
export const parseJsonBody: RequestHandler = (request, _response, next) => {
  if (!Buffer.isBuffer(request.body)) {
    next();
    return;
  }
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (!UTF_8.test(charset)) throw refusal('The request cannot be read; send JSON in UTF-8');
  try {
    request.body = request.body.length === 0 ? {} : parseStrictJson(request.body);
  } catch (error) {
    throw error instanceof StrictJsonError ? refusal(error.message) : error;
  }
  next();
};

function refusal(message: string): ValidationFailed {
  return new ValidationFailed([{ path: '', message }]);
}
