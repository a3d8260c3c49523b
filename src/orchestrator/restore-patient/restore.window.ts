import { type DynamicModule, Module } from '@nestjs/common';

/** How long a deletion may be undone. */
export class RestoreWindow {
  /** @param days days of 24 hours after the deletion; 0 switches restoring off */
  constructor(readonly days = 30) {}
}

/** Tells the orchestrator of another window than the usual one. */
@Module({})
export class RestoreWindowModule {
  static of(days: number): DynamicModule {
    return {
      module: RestoreWindowModule,
      global: true,
      providers: [{ provide: RestoreWindow, useValue: new RestoreWindow(days) }],
      exports: [RestoreWindow],
    };
  }
}
