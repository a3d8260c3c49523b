import { describe, expect, it } from '@jest/globals';
import { Places } from './places.js';

const take = (places: Places, client: string): (() => void) => {
  const place = places.take(client);
  if (typeof place === 'string') throw new Error(place);
  return place;
};

describe('places', () => {
  it('are so many for each, whatever others hold', () => {
    const places = new Places(2);
    const first = take(places, 'a');
    take(places, 'a');
    expect(places.take('a')).toBe('each');
    take(places, 'b');
    first();
    take(places, 'a');
    expect(places.take('a')).toBe('each');
  });

  it('are so many for all', () => {
    const places = new Places(2, 3);
    const given = ['a', 'a', 'b'].map((client) => take(places, client));
    expect(places.take('c')).toBe('all');
    given[0]?.();
    take(places, 'c');
  });

  it('are given back once, however often that is said', () => {
    const places = new Places(2);
    const first = take(places, 'a');
    take(places, 'a');
    first();
    first();
    take(places, 'a');
    expect(places.take('a')).toBe('each');
  });
});
