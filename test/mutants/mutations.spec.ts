import { describe, expect, it } from '@jest/globals';
import { suitesOf, textOf } from './mutated.mjs';
import { MUTATIONS } from './mutations.mjs';

describe('the list of mutants', () => {
  it('names each of them once', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names.length).toBeGreaterThan(30);
  });

  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    'fits the source and names a suite: %s',
    (_, mutation) => {
      expect(textOf(mutation)).not.toBe(textOf({ ...mutation, edits: [] }));
      expect(suitesOf(mutation)).not.toEqual([]);
    },
  );

  it('is refused where a text stands in its file no more, or twice, and where its suites match no test', () => {
    const edited = (from: string) => () =>
      textOf({ name: 'wrong', file: 'package.json', edits: [[from, '']], suites: '' });
    expect(edited('what nobody wrote')).toThrow('does not stand once');
    expect(edited('node')).toThrow('does not stand once');
    expect(suitesOf({ suites: 'orchestrator/nowhere' })).toEqual([]);
  });
});
