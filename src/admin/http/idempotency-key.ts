import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ValidationFailed } from './request.errors.js';

const HEADER = 'Idempotency-Key';
/** Visible ASCII, so that it is one and the same key on every way through proxies and logs. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The header Idempotency-Key; undefined where none came. @throws ValidationFailed */
export const IdempotencyKey = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined => {
    const key = context.switchToHttp().getRequest<Request>().get(HEADER);
    if (key !== undefined && !KEY.test(key))
      throw new ValidationFailed([{ path: HEADER, message: 'must be 1 to 255 visible ASCII characters' }]);
    return key;
  },
);
