import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role } from './roles.js';

/** Who is signed in. */
export interface Caller {
  /** The subject of the token: who it was issued to. */
  readonly subject: string;
  readonly roles: readonly Role[];
}

const callers = new WeakMap<object, Caller>();

/** Notes on a request who makes it. */
export function signIn(request: object, caller: Caller): void {
  callers.set(request, caller);
}

/** Who makes this request; undefined on public calls and before the guard has run. */
export function callerOf(request: object): Caller | undefined {
  return callers.get(request);
}

/** The subject of the caller's token, in a handler that is not public. */
export const Subject = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const caller = callerOf(context.switchToHttp().getRequest<object>());
  if (caller === undefined) throw new Error('A public handler asks who its caller is.');
  return caller.subject;
});
