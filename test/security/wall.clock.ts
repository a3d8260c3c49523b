import { jest } from '@jest/globals';

/** Everything of time but `Date`. */
const GOES_ON = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
  ...(['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime', 'performance'] as const),
];

/**
 * Sets the wall clock of the process and leaves timers and monotonic time alone; `jest.useRealTimers()` puts it
 * right again.
 *
 * @param milliseconds since 1970; the clock stands still there
 */
export function setWallClock(milliseconds: number): void {
  jest.useFakeTimers({ now: milliseconds, doNotFake: [...GOES_ON] });
}
