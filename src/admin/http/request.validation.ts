import { applyDecorators, type ValidationError, ValidationPipe } from '@nestjs/common';
import { ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Matches } from 'class-validator';
import type { RequestHandler } from 'express';
import { isCsvUpload, mediaTypesOf } from '../batches/batch.upload.js';
import { type FieldError, ValidationFailed } from './request.errors.js';
import { UUID } from '../../common/index.js';

/** Checks every path, query and body against its class; what the class does not name is refused. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => fieldErrors(error))),
  });
}

/** What a name of a field, or a place in a list, looks like: anything else may be a value in a wrong place. */
const FIELD_NAME = /^(?:[A-Za-z_]\w{0,39}|\d{1,3})$/;

/** The messages of the rules speak of expectations alone, so that no value is ever sent back. */
function fieldErrors(
  { property, constraints = {}, children = [] }: ValidationError,
  parent = '',
): FieldError[] {
  const path = `${parent}${FIELD_NAME.test(property) ? property : '(a field)'}`;
  const own = Object.entries(constraints).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'is not known here' : message,
  }));
  return [...own, ...children.flatMap((child) => fieldErrors(child, `${path}.`))];
}

/** A UUID, in any case; small letters from here on. */
export function IsUuid(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    Matches(UUID, { message: 'must be a UUID' }),
  );
}

/** For a query or a body in which nothing is known: whatever comes is refused. */
@ApiSchema({ name: 'Nothing', description: 'An object without fields.' })
export class Nothing {}

/** Refuses a body that does not say it is JSON: Express would pass it by in silence. */
export const requireJson: RequestHandler = (request, _response, next) => {
  const empty = request.headers['content-length'] === '0';
  const isJson = request.is('application/json') !== false;
  next(
    empty || isJson || isCsvUpload(request)
      ? undefined
      : new ValidationFailed([{ path: 'Content-Type', message: `must be ${mediaTypesOf(request)}` }]),
  );
};

/** No request of the contract nests deeper than this; the rules of the fields are recursive and would exhaust the stack. */
const MAX_DEPTH = 16;

/** Refuses a body that is nested too deeply, before anything walks through it. */
export const requireShallow: RequestHandler = (request, _response, next) => {
  let level: unknown[] = [request.body];
  for (let depth = 0; level.length > 0 && depth <= MAX_DEPTH; depth++)
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  next(
    level.length === 0
      ? undefined
      : new ValidationFailed([{ path: '', message: `The body is nested deeper than ${MAX_DEPTH} levels` }]),
  );
};
