import type { Spread } from './statistics.js';

export const MEGABYTE = 1024 * 1024;

/** Three digits that count. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** A ratio with the middle half of its rounds. */
export function ratioText({ median, q1, q3 }: Spread): string {
  return `${figure(median)} (${figure(q1)}–${figure(q3)})`;
}

/** A number of things. */
export const many = (count: number) => Math.round(count).toLocaleString('en');
