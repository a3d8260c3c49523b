import { createHash } from 'node:crypto';

/** A repeatable stream of random numbers (sfc32), one for everything that has a name of its own. */
export class Stream {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param name the seed and what the stream is for; the same name gives the same numbers */
  constructor(...name: readonly (string | number)[]) {
    const digest = createHash('sha256').update(name.join('/')).digest();
    this.a = digest.readInt32LE(0);
    this.b = digest.readInt32LE(4);
    this.c = digest.readInt32LE(8);
    this.d = digest.readInt32LE(12);
  }

  /** From 0 to 1, without 1. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws Error where there is nothing to pick from */
  pick<T>(list: readonly T[]): T {
    const index = this.between(0, list.length - 1);
    if (!(index in list)) throw new Error('There is nothing to pick from.');
    return list[index] as T;
  }

  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let rest = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    const drawn = entries.find(([, weight]) => (rest -= weight) < 0);
    return (drawn ?? this.pick(entries))[0];
  }

  /** Milliseconds until the next of events that come at random, `mean` apart; never far from it. */
  gap(mean: number): number {
    const drawn = -Math.log(1 - this.next()) * mean;
    return Math.round(Math.min(Math.max(drawn, mean / 5), mean * 3));
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.between(0, 15).toString(16));
    hex[12] = '4';
    hex[16] = (8 + this.between(0, 3)).toString(16);
    return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}
