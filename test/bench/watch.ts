import { setTimeout as pause } from 'node:timers/promises';
import type { BenchService } from './bench.service.js';

const LIVE_EVERY_MS = 50;

/** Does something again and again while other work is done, and once at least. @returns the work's own result */
export async function beside<T>(
  work: () => Promise<T>,
  repeated: () => Promise<unknown>,
  everyMs: number,
): Promise<T> {
  const over = new AbortController();
  const repeating = (async () => {
    do {
      await repeated();
      await pause(everyMs);
    } while (!over.signal.aborted);
  })();
  const working = work().finally(() => {
    over.abort();
  });
  const [result] = await Promise.all([working, repeating]);
  return result;
}

/** Asks the service again and again during some work whether it lives. @returns how long the longest answer took, in ms */
export async function watchingLiveness<T>(
  { url }: BenchService,
  work: () => Promise<T>,
): Promise<[milliseconds: number, result: T]> {
  let longest = 0;
  const ask = async () => {
    const [milliseconds] = await timed(async () => (await fetch(`${url}/api/v1/health/live`)).text());
    longest = Math.max(longest, milliseconds);
  };
  const result = await beside(work, ask, LIVE_EVERY_MS);
  return [longest, result];
}

/** How long some work takes. */
export async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}
