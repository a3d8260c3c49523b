import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate.limiter.js';

function limiter(perMinute: number, clients?: number) {
  const clock = { now: 1_000_000 };
  const options = { now: () => clock.now, ...(clients !== undefined && { clients }) };
  return { clock, limit: new RateLimiter(perMinute, options) };
}

describe('RateLimiter', () => {
  it('lets a burst of a whole minute in, and then one request a share', () => {
    const { clock, limit } = limiter(6);
    expect(Array.from({ length: 7 }, () => limit.take('a'))).toEqual([0, 0, 0, 0, 0, 0, 10]);
    clock.now += 9_500;
    expect(limit.take('a')).toBe(1);
    clock.now += 500;
    expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBe(10);
    clock.now += 60_000;
    expect(Array.from({ length: 7 }, () => limit.take('a'))).toEqual([0, 0, 0, 0, 0, 0, 10]);
  });

  it('never lets more than twice its number in within any minute, however many come', () => {
    const { clock, limit } = limiter(100);
    let letIn = 0;
    for (let ms = 0; ms < 60_000; ms += 7) {
      if (limit.take('a') === 0) letIn++;
      clock.now += 7;
    }
    expect(letIn).toBeGreaterThanOrEqual(199);
    expect(letIn).toBeLessThanOrEqual(200);
  });

  it('counts each client by itself', () => {
    const { limit } = limiter(1);
    expect([limit.take('a'), limit.take('b'), limit.take('a'), limit.take('b')]).toEqual([0, 0, 60, 60]);
  });

  it('keeps nobody out for longer than a minute, however much is charged', () => {
    const { clock, limit } = limiter(10);
    for (let times = 0; times < 10_000; times++) limit.charge('a');
    expect(limit.wait('a')).toBe(6);
    clock.now += 60_000;
    expect(limit.wait('a')).toBe(0);
  });

  it('remembers so many clients and no more, whoever was let in longest ago going first', () => {
    const { limit } = limiter(1, 1_000);
    limit.take('kept');
    for (let client = 0; client < 100_000; client++) {
      limit.take(`client ${client}`);
      if (client % 500 === 0) limit.charge('kept');
    }
    expect(limit.size).toBe(1_000);
    expect(limit.wait('kept')).toBe(60);
    expect(limit.wait('client 1')).toBe(0);
    expect(limit.wait('client 99999')).toBe(60);
  });
});
