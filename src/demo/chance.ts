import type { Faker } from '@faker-js/faker';
import { faker } from '@faker-js/faker/locale/tr';

/**
 * Chance that can be repeated: the same seed and the same questions in the same order give the same answers.
 * Every patient has a chance of its own, so that one more row for one patient changes no other. Only one may
 * be in use at a time, since all draw from the one Turkish faker.
 */
export class Chance {
  readonly faker: Faker = faker;

  /** @param seeds numbers that together begin the sequence */
  constructor(...seeds: number[]) {
    faker.seed(seeds);
  }

  /** Whether something of this probability, 0 to 1, happens. */
  happens(probability: number): boolean {
    return faker.number.float() < probability;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return faker.number.int({ min: from, max: to });
  }

  /** A whole number from a range of a vocabulary. */
  within([from, to]: readonly [number, number]): number {
    return this.whole(from, to);
  }

  pick<T>(choices: readonly T[]): T {
    return faker.helpers.arrayElement(choices);
  }

  /** One of the choices, the heavier the likelier; undefined where there is none. */
  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T | undefined {
    let left = faker.number.float() * choices.reduce((sum, { weight }) => sum + weight, 0);
    return choices.find(({ weight }) => (left -= weight) < 0) ?? choices.at(-1);
  }

  /** So many different ones of the choices, or all. */
  several<T>(choices: readonly T[], count: number): T[] {
    return faker.helpers.arrayElements(choices, Math.min(count, choices.length));
  }

  /** A figure of a normal distribution, cut off at three standard deviations. */
  normal(mean: number, spread: number): number {
    const u = Math.max(faker.number.float(), Number.EPSILON);
    const z = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * faker.number.float());
    return mean + spread * Math.min(3, Math.max(-3, z));
  }

  /** A time between two others. */
  between(from: Date, to: Date): Date {
    const span = Math.max(0, to.getTime() - from.getTime());
    return new Date(from.getTime() + Math.floor(faker.number.float() * span));
  }
}
