import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Requester, requesterByToken } from '../common/index.js';
import type { Role } from './roles.js';

/** Who is signed in. */
export interface Caller {
  /** The subject of the token: who it was issued to. */
  readonly subject: string;
  /** Who issued it. */
  readonly issuer: string;
  readonly roles: readonly Role[];
}

const callers = new WeakMap<object, Caller>();

/** Notes on a request who makes it. */
export function noteCaller(request: object, caller: Caller): void {
  callers.set(request, caller);
}

/** Who makes this request; undefined where nobody is signed in. */
export function callerOf(request: object): Caller | undefined {
  return callers.get(request);
}

/** Who calls, with all roles that the token has, in a handler that is not public. */
export const SignedIn = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context.switchToHttp().getRequest<object>());
  if (caller === undefined) throw new Error('A public handler asks who its caller is.');
  return caller;
});

const actingRoles = new WeakMap<object, Role>();

/** Notes on a request which role of its caller opened the handler. */
export function actAs(request: object, role: Role): void {
  actingRoles.set(request, role);
}

/**
 * Who asks, in a handler that is not public, as records and the audit log know them. The role is the one under which
 * the call was allowed: the first of the handler's that the token has.
 */
export const AskedBy = createParamDecorator((_: unknown, context: ExecutionContext): Requester => {
  const request = context.switchToHttp().getRequest<object>();
  const [caller, role] = [callerOf(request), actingRoles.get(request)];
  if (caller === undefined || role === undefined) throw new Error('A public handler asks who its caller is.');
  return requesterByToken({ subject: caller.subject, issuer: caller.issuer, role });
});
