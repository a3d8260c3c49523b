import { describe, expect, it } from '@jest/globals';
import { Chance } from './chance.js';
import { checkDigits, invalidNationalId } from './national.id.js';

describe('the check digits of a T.C. kimlik numarası', () => {
  it('complete nine ones to 11111111110', () => {
    expect(checkDigits([1, 1, 1, 1, 1, 1, 1, 1, 1])).toEqual([1, 0]);
  });
});

describe('a demo national id', () => {
  it('has eleven digits, does not begin with 0, and never passes the check', () => {
    const chance = new Chance(1);
    for (let n = 0; n < 5_000; n++) {
      const id = invalidNationalId(chance);
      expect(id).toMatch(/^[1-9]\d{10}$/);
      const digits = Array.from(id, Number);
      expect(digits.slice(9)).not.toEqual(checkDigits(digits.slice(0, 9)));
    }
  });
});
