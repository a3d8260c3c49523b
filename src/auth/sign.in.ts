import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Unauthenticated } from './auth.errors.js';
import { type Caller, noteCaller } from './caller.js';
import { TokenVerifier } from './token.verifier.js';

/** Says who makes a request: its token is verified once, whoever asks first. */
@Injectable()
export class SignIn {
  private readonly attempts = new WeakMap<object, Promise<Caller>>();

  constructor(private readonly verifier: TokenVerifier) {}

  /**
   * @throws Unauthenticated where no token came, or one that does not hold
   * @throws IssuerUnavailable where the issuer's keys cannot be had
   */
  of(request: Request): Promise<Caller> {
    let attempt = this.attempts.get(request);
    if (attempt === undefined) {
      attempt = this.verify(request);
      this.attempts.set(request, attempt);
    }
    return attempt;
  }

  private async verify(request: Request): Promise<Caller> {
    const caller = await this.verifier.verify(bearerToken(request.headers.authorization));
    noteCaller(request, caller);
    return caller;
  }
}

function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new Unauthenticated();
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
  // Several of them are refused elsewhere: HTTP would hand on the first in silence.
  if (token === undefined) throw new Unauthenticated('The header Authorization holds no bearer token.');
  return token;
}
