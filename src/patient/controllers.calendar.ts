import { type DynamicModule, Module } from '@nestjs/common';

/** In which zone the controller's days begin: a period of days is counted there. */
export class ControllersCalendar {
  private readonly days: Intl.DateTimeFormat;

  /** @param zone a name of the IANA's time zone database */
  constructor(readonly zone = 'Europe/Istanbul') {
    // Sweden writes a day as ISO 8601 does.
    this.days = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  }

  /** The day of a moment, as 2026-11-30. */
  dayOf(moment: Date): string {
    return this.days.format(moment);
  }

  today(): string {
    return this.dayOf(new Date());
  }
}

/** Tells whoever counts days of another zone than the usual one. */
@Module({})
export class CalendarModule {
  static of(zone: string): DynamicModule {
    return {
      module: CalendarModule,
      global: true,
      providers: [{ provide: ControllersCalendar, useValue: new ControllersCalendar(zone) }],
      exports: [ControllersCalendar],
    };
  }
}
