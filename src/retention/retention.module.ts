import { type DynamicModule, Module } from '@nestjs/common';
import { defaultPolicy } from './default.policy.js';
import { RetentionPolicy } from './retention.policy.js';

/** Gives everybody the policy that is in force. */
@Module({})
export class RetentionModule {
  /** @param policy the default one unless told */
  static of(policy: RetentionPolicy = defaultPolicy()): DynamicModule {
    return {
      module: RetentionModule,
      global: true,
      providers: [{ provide: RetentionPolicy, useValue: policy }],
      exports: [RetentionPolicy],
    };
  }
}
