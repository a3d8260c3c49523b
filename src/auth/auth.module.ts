import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { BearerGuard } from './bearer.guard.js';
import { SignIn } from './sign.in.js';
import { TokenVerifier } from './token.verifier.js';

/** Sign-in before every handler of the application. */
@Module({})
export class AuthModule {
  static trusting(verifier: TokenVerifier): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        { provide: TokenVerifier, useValue: verifier },
        SignIn,
        { provide: APP_GUARD, useClass: BearerGuard },
      ],
    };
  }
}
