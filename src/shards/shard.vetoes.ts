import { type DynamicModule, Module } from '@nestjs/common';
import type { DeletionVeto } from '../common/index.js';

/** Which vetoes of their own the shards have on a deletion (DELETION_VETOES). */
export class ShardVetoes {
  constructor(private readonly codes: readonly DeletionVeto[] = []) {}

  has(code: DeletionVeto): boolean {
    return this.codes.includes(code);
  }
}

/** Tells the shards of the vetoes that somebody has switched on. */
@Module({})
export class ShardVetoesModule {
  static of(codes: readonly DeletionVeto[]): DynamicModule {
    return {
      module: ShardVetoesModule,
      global: true,
      providers: [{ provide: ShardVetoes, useValue: new ShardVetoes(codes) }],
      exports: [ShardVetoes],
    };
  }
}
