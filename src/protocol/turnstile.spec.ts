import { expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

it('lets so many in at once, and the others in their order as places become free', async () => {
  const turnstile = new Turnstile(2);
  const order: string[] = [];
  expect([turnstile.enter(0), turnstile.enter(0)]).toEqual([true, true]);
  const third = Promise.resolve(turnstile.enter(60_000)).then(() => order.push('third'));
  const fourth = Promise.resolve(turnstile.enter(60_000)).then(() => order.push('fourth'));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  turnstile.leave();
  await third;
  expect(order).toEqual(['third']);
  turnstile.leave();
  await fourth;
  turnstile.leave();
  turnstile.leave();
  expect(turnstile.enter(0)).toBe(true);
});

it('turns away who has waited long enough, and gives that place to nobody', async () => {
  const turnstile = new Turnstile(1);
  expect(turnstile.enter(0)).toBe(true);
  const patient = turnstile.enter(60_000);
  expect(await turnstile.enter(1)).toBe(false);
  turnstile.leave();
  expect(await patient).toBe(true);
  turnstile.leave();
  expect(turnstile.enter(0)).toBe(true);
});
