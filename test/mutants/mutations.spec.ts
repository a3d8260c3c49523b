import { describe, expect, it } from '@jest/globals';
import { suitesOf, textOf } from './mutated.mjs';
import { drawnBy, GATE_SHARE, MUTATIONS } from './mutations.mjs';

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

  it('is drawn once each by consecutive numbers', () => {
    const draws = Array.from({ length: GATE_SHARE }, (_, at) => drawnBy(1_796_025_063 + at));
    const names = draws.flat().map(({ name }) => name);
    expect(new Set(names).size).toBe(MUTATIONS.length);
    expect(names).toHaveLength(MUTATIONS.length);
    const least = Math.floor(MUTATIONS.length / GATE_SHARE);
    expect(draws.filter((draw) => draw.length < least)).toEqual([]);
  });

  it('is refused where a text stands in its file no more, or twice, and where its suites match no test', () => {
    const edited = (from: string) => () =>
      textOf({ name: 'wrong', file: 'package.json', edits: [[from, '']], suites: '' });
    expect(edited('what nobody wrote')).toThrow('does not stand once');
    expect(edited('node')).toThrow('does not stand once');
    expect(suitesOf({ suites: 'orchestrator/nowhere' })).toEqual([]);
  });
});
