import { applyDecorators, type ValidationError, ValidationPipe } from '@nestjs/common';
import { ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Matches } from 'class-validator';
import type { RequestHandler } from 'express';
import { type FieldError, ValidationFailed } from './request.errors.js';
import { UUID } from './uuid.js';

/** Checks every path, query and body against its class; what the class does not name is refused. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    ...{ whitelist: true, forbidNonWhitelisted: true, transform: true, stopAtFirstError: true },
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new ValidationFailed(errors.flatMap((error) => fieldErrors(error))),
  });
}

/** The messages of the rules speak of expectations alone, so that no value is ever sent back. */
function fieldErrors(
  { property, constraints = {}, children = [] }: ValidationError,
  parent = '',
): FieldError[] {
  const path = `${parent}${property}`;
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
    empty || isJson
      ? undefined
      : new ValidationFailed([{ path: 'Content-Type', message: 'must be application/json' }]),
  );
};
