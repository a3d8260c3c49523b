import { describe, it } from '@jest/globals';

/**
 * A suite about files that lie beside a checkout and are no part of the product: where they are absent, it says so.
 *
 * @param what the files are; gate.json has the skip by these words
 */
export function describeWhere(isPresent: boolean, what: string, title: string, tests: () => void): void {
  describe(title, () => {
    if (isPresent) tests();
    else it.skip(`needs ${what}`, () => undefined);
  });
}
