import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { BearerGuard } from './bearer.guard.js';
import { TokenVerifier } from './token.verifier.js';

/** Sign-in before every handler of the application. */
@Module({})
export class AuthModule {
  static trusting(verifier: TokenVerifier): DynamicModule {
    return {
      module: AuthModule,
      providers: [
        { provide: TokenVerifier, useValue: verifier },
        { provide: APP_GUARD, useClass: BearerGuard },
      ],
    };
  }
}
