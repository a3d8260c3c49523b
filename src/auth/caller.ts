import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role } from './roles.js';

/** Who is signed in. */
export interface Caller {
  /** The subject of the token: who it was issued to. */
  readonly subject: string;
  readonly roles: readonly Role[];
}

const callers = new WeakMap<object, Caller>();
const listeners = new WeakMap<object, (caller: Caller) => void>();

/** Notes on a request who makes it. @throws whatever a listener of {@link onSignIn} refuses the caller with */
export function signIn(request: object, caller: Caller): void {
  callers.set(request, caller);
  listeners.get(request)?.(caller);
}

/** Has a listener told who makes this request, once the token is found to hold; what it throws is the answer. */
export function onSignIn(request: object, listener: (caller: Caller) => void): void {
  listeners.set(request, listener);
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

const actingRoles = new WeakMap<object, Role>();

/** Notes on a request which role of its caller opened the handler. */
export function actAs(request: object, role: Role): void {
  actingRoles.set(request, role);
}

/** The role under which the call was allowed: the first of the handler's that the token has. */
export const ActingRole = createParamDecorator((_: unknown, context: ExecutionContext): Role => {
  const role = actingRoles.get(context.switchToHttp().getRequest<object>());
  if (role === undefined) throw new Error('A public handler asks under which role it was called.');
  return role;
});
