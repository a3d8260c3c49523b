import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UpstreamStage } from './upstream.stage.js';

let stage: UpstreamStage;
beforeAll(async () => {
  stage = await UpstreamStage.open();
});
afterAll(() => stage.close());

describe('rows of several people, at random', () => {
  const someone = fc.integer({ min: 1, max: 4 });
  const household = fc.integer({ min: 1, max: 3 });
  const namesSomebody = (pair: readonly (number | null)[]) => pair.some((one) => one !== null);

  it('leave with the last who is deleted, in whatever order, and all come back in the opposite one', async () => {
    const world = fc.record({
      members: fc.array(fc.tuple(someone, household), { maxLength: 8 }),
      kin: fc.array(fc.tuple(fc.option(someone), fc.option(someone)).filter(namesSomebody), { maxLength: 6 }),
      names: fc.array(fc.tuple(someone, someone), { maxLength: 3 }),
      deleted: fc.shuffledSubarray([1, 2, 3, 4]),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ members, kin, names, deleted }) => {
        await stage.query('TRUNCATE his.membership, his.kinship, his.remark');
        for (const [person, home] of members)
          await stage.query(`INSERT INTO his.membership VALUES (${person}, ${home})`);
        for (const [at, [one, other]] of kin.entries())
          await stage.query(
            `INSERT INTO his.kinship VALUES (${at}, ${one}, ${other}, 'kin'); INSERT INTO his.remark VALUES (${at})`,
          );
        for (const [person, name] of names)
          await stage.query(`UPDATE his.person SET name_id = ${name} WHERE person_no = ${person}`);
        const whole = await stage.rows();
        const removed: Awaited<ReturnType<typeof stage.remove>>[] = [];
        for (const key of deleted) {
          removed.push(await stage.remove(key));
          await stage.expectHealthy();
          const live = [1, 2, 3, 4].filter((one) => !deleted.slice(0, removed.length).includes(one));
          const { kinship = [], household: homes = [] } = await stage.rows();
          // Whoever is there has all of his rows.
          expect(kinship).toHaveLength(
            kin.filter((pair) => pair.some((one) => one !== null && live.includes(one))).length,
          );
          const inUse = new Set(members.map(([, home]) => home));
          const used = new Set(members.filter(([one]) => live.includes(one)).map(([, home]) => home));
          expect(homes).toHaveLength(3 - inUse.size + used.size);
        }
        for (const { restore } of removed.reverse()) await restore();
        expect(await stage.rows()).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });
});
