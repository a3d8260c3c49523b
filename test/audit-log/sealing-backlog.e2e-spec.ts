import { expect, it } from '@jest/globals';
import { createTestDatabase } from '../support/database.js';
import { explainAll, plansOf } from '../support/plans.js';
import { addEvents, type Instance, makeHome, openInstance, sealedIds } from './log.stage.js';

/** Seals all there is. @returns the pages that each round has read to find what is not sealed */
async function readsOf(instance: Instance): Promise<number[]> {
  const plans = await plansOf(instance.app, () => instance.sealAll());
  return plans
    .filter(({ 'Query Text': text }) => text.includes('AS "oldestRunning"'))
    .map(({ Plan }) => (Plan['Shared Hit Blocks'] ?? NaN) + (Plan['Shared Read Blocks'] ?? NaN));
}

it.each([
  ['that a start finds', false],
  ['that comes to a log that is sealed', true],
])(
  'of a backlog %s, the last thousand events cost no more of the database than the first',
  async (_, isSealedBefore) => {
    const database = await createTestDatabase();
    await explainAll(database);
    const home = await makeHome();
    const instance = await openInstance(database, home);
    if (isSealedBefore) await instance.sealAll();
    // In one transaction, and in several.
    await addEvents(database, 5_000);
    for (let count = 0; count < 5; count++) await addEvents(database, 1_000);
    const buffers = await readsOf(instance);
    expect(buffers.length).toBeGreaterThan(10);
    // A thousand events are found one by one, and looked up among the leaves; the last rounds find nothing.
    const [first = 0] = buffers;
    expect(first).toBeLessThan(5_000);
    expect(Math.max(...buffers.slice(0, 10))).toBeLessThan(1.5 * first);
    expect((await sealedIds(database)).length).toBe(10_000);
    await instance.close();
    await home.remove();
    await database.drop();
  },
);
