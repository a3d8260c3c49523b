import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Public, Roles } from './access.decorator.js';
import { Forbidden } from './auth.errors.js';
import { actAs } from './caller.js';
import { SignIn } from './sign.in.js';

/** Lets nobody in unless the handler says who may: a handler that says nothing is closed to everyone. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly signIn: SignIn,
  ) {}

  /** @throws Unauthenticated @throws Forbidden */
  async canActivate(context: ExecutionContext): Promise<true> {
    const handler = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(Public, handler)) return true;

    const request = context.switchToHttp().getRequest<Request>();
    const caller = await this.signIn.of(request);
    const allowed = this.reflector.getAllAndOverride(Roles, handler) ?? [];
    const acting = allowed.find((role) => caller.roles.includes(role));
    if (acting === undefined) throw new Forbidden(allowed);
    actAs(request, acting);
    return true;
  }
}
