import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer.
 *
 * @param limitMs how long to go on, in milliseconds
 * @param attempt answers undefined for "not yet"; what it throws ends the asking
 * @param intervalMs pause between two attempts, in milliseconds
 * @returns the answer, or undefined when the time was up
 */
export async function poll<T>(
  limitMs: number,
  attempt: () => Promise<T | undefined>,
  intervalMs = 50,
): Promise<T | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await attempt();
    if (answer !== undefined || performance.now() >= deadline) return answer;
    await delay(intervalMs);
  }
}
