import { describe, expect, it } from '@jest/globals';
import {
  type Cell,
  CellProblem,
  date,
  decimal,
  double,
  integer,
  open,
  text,
  timestamp,
  uuid,
  yearBegin,
  yearEnd,
} from './cell.js';

const good: [kind: string, cell: Cell, given: string, value: string | number | null][] = [
  ['text as it is', text('A'), ' Işıl  "x" ', ' Işıl  "x" '],
  [
    'a UUID in small letters',
    uuid('A'),
    '53B794F0-9F48-97BA-3C6E-8EF4B7C1F141',
    '53b794f0-9f48-97ba-3c6e-8ef4b7c1f141',
  ],
  ['a date', date('A'), '2024-02-29', '2024-02-29'],
  ['a timestamp', timestamp('A'), '2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
  [
    'a timestamp with fractions',
    timestamp('A'),
    '1899-01-01T00:00:00.123456Z',
    '1899-01-01T00:00:00.123456Z',
  ],
  ['a day for a timestamp', timestamp('A'), '1899-12-31', '1899-12-31T00:00:00Z'],
  ['the beginning of a year', yearBegin('A'), '1980', '1980-01-01T00:00:00Z'],
  ['the end of a year', yearEnd('A'), '1980', '1980-12-31T23:59:59Z'],
  ['no end, as Java has it', open(timestamp('A')), '292278994-08-17T07:12:55Z', null],
  ['no end to the millisecond', open(timestamp('A')), '+292278994-08-17T07:12:55.807Z', null],
  ['no end in another zone', open(timestamp('A')), '292278994-08-17T10:12:55Z', null],
  ['no end for a date', open(date('A')), '292278994-08-17', null],
  ['an end', open(date('A')), '9999-12-31', '9999-12-31'],
  ['a negative integer', integer('A'), '-2147483647', -2_147_483_647],
  ['a decimal with every digit', decimal('A'), '0.10000000000000000001', '0.10000000000000000001'],
  ['an exponent as Java writes it', decimal('A'), '1.0E7', '1.0E7'],
  ['a double', double('A'), '-73.90523034219595', -73.90523034219595],
];

const bad: [cell: Cell, given: string, reason: RegExp][] = [
  [text('A'), 'a\0b', /NUL/],
  [uuid('A'), '53b794f0', /UUID/],
  [uuid('A'), '{53b794f0-9f48-97ba-3c6e-8ef4b7c1f141}', /UUID/],
  [date('A'), '2023-02-29', /does not exist/],
  [date('A'), '0000-01-01', /does not exist/],
  [date('A'), '2023-2-9', /not a date/],
  [date('A'), '2023-02-09T00:00:00Z', /not a date/],
  [timestamp('A'), '2023-02-29', /does not exist/],
  [timestamp('A'), '292278994-08-17T07:12:55Z', /UTC timestamp/],
  [open(timestamp('A')), '292278995-08-17T07:12:55Z', /UTC timestamp/],
  [open(date('A')), '2023-02-29', /does not exist/],
  [yearBegin('A'), '80', /not a year/],
  [yearEnd('A'), '0000', /not a year/],
  [timestamp('A'), '2023-02-09T00:00:00+03:00', /UTC timestamp/],
  [timestamp('A'), '2023-02-30T00:00:00Z', /does not exist/],
  [timestamp('A'), '2023-02-09T24:00:00Z', /does not exist/],
  [integer('A'), '1.5', /whole number/],
  [integer('A'), '2147483648', /whole number/],
  [decimal('A'), '1,5', /number/],
  [decimal('A'), '1e999', /number/],
  [decimal('A'), 'NaN', /number/],
  [double('A'), '', /number/],
];

describe('a cell', () => {
  it.each(good)('reads %s', (_, { parse }, given, value) => {
    expect(parse(given)).toBe(value);
  });

  it.each(bad)('refuses what its column is not for (%#)', ({ parse }, given, reason) => {
    expect(() => parse(given)).toThrow(CellProblem);
    expect(() => parse(given)).toThrow(reason);
  });

  it('never repeats its content in the reason', () => {
    for (const [{ parse }, given] of bad.filter(([, content]) => content !== '')) {
      try {
        parse(given);
      } catch (error) {
        expect((error as Error).message).not.toContain(given);
      }
    }
  });
});
