const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The day on which the demo hospital's records end: fixed, so that two runs give the same rows. */
export const REFERENCE_DATE = new Date('2026-09-01T00:00:00Z');
/** The day from which the demo hospital keeps electronic records. */
export const RECORDS_SINCE = new Date('2016-01-01T00:00:00Z');

export function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

export function addMinutes(date: Date, minutes: number): Date {
  return new Date(date.getTime() + minutes * MINUTE_MS);
}

export function daysBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / DAY_MS);
}

/** Completed years, near enough for a choice by age. */
export function yearsBetween(from: Date, to: Date): number {
  return Math.floor(daysBetween(from, to) / 365.25);
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

export function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** The beginning, in UTC, of the same day. */
export function midnight(date: Date): Date {
  return new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS);
}

/** {@link midnight}; on a weekend, of the Friday before: outpatient clinics are closed then. */
export function clinicDay(date: Date): Date {
  const daysPastFriday = [2, 0, 0, 0, 0, 0, 1][date.getUTCDay()] ?? 0;
  return addDays(midnight(date), -daysPastFriday);
}

/** ISO 8601 date, e.g. `2024-03-18`. */
export function isoDate(date: Date): string {
  return date.toISOString().slice(0, 10);
}
