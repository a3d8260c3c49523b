import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Public, Roles } from './access.decorator.js';
import { Forbidden, Unauthenticated } from './auth.errors.js';
import { actAs, signIn } from './caller.js';
import { TokenVerifier } from './token.verifier.js';

/** Lets nobody in unless the handler says who may: a handler that says nothing is closed to everyone. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  /** @throws Unauthenticated @throws Forbidden */
  async canActivate(context: ExecutionContext): Promise<true> {
    const handler = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(Public, handler)) return true;

    const request = context.switchToHttp().getRequest<Request>();
    const caller = await this.verifier.verify(bearerToken(request.headers.authorization));
    signIn(request, caller);

    const allowed = this.reflector.getAllAndOverride(Roles, handler) ?? [];
    const acting = allowed.find((role) => caller.roles.includes(role));
    if (acting === undefined) throw new Forbidden(allowed);
    actAs(request, acting);
    return true;
  }
}

function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new Unauthenticated();
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
  // Several of them are refused before: HTTP would hand on the first in silence.
  if (token === undefined) throw new Unauthenticated('The header Authorization holds no bearer token.');
  return token;
}
