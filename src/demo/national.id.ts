import type { Chance } from './chance.js';

/**
 * The two check digits that follow the first nine digits of a T.C. kimlik numarası: the tenth is seven times
 * the sum of the odd places less the sum of the even ones, the eleventh the sum of the first ten, modulo 10.
 */
export function checkDigits(nine: readonly number[]): readonly [number, number] {
  const sum = (digits: readonly number[]) => digits.reduce((total, digit) => total + digit, 0);
  const odd = sum(nine.filter((_, index) => index % 2 === 0));
  const even = sum(nine.filter((_, index) => index % 2 === 1));
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return [tenth, (sum(nine) + tenth) % 10];
}

/** Eleven digits that look like a national id and, by their last digit, can be nobody's. */
export function invalidNationalId(chance: Chance): string {
  const nine = [chance.whole(1, 9), ...Array.from({ length: 8 }, () => chance.whole(0, 9))];
  const [tenth, eleventh] = checkDigits(nine);
  return [...nine, tenth, (eleventh + chance.whole(1, 9)) % 10].join('');
}
