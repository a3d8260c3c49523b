import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  columnNameOf,
  identifierOf,
  NameRefused,
  partsOfName,
  tableNameOf,
  textOfName,
} from './qualified.name.js';

describe('a qualified name', () => {
  it.each([
    ['cdm.person', ['cdm', 'person']],
    ['"Hasta_Kayıt"."İşlem"', ['Hasta_Kayıt', 'İşlem']],
    ['"a.b"."c""d"', ['a.b', 'c"d']],
    ['şema.hasta_kaydı', ['şema', 'hasta_kaydı']],
    ['"boş luk".t$1', ['boş luk', 't$1']],
  ])('%s has the parts %j', (text, parts) => {
    expect(partsOfName(text, 2)).toEqual(parts);
  });

  it.each([
    ['', 'it is empty'],
    ['person', 'must be schema.table and has 1 part: person'],
    ['a.b.c', 'must be schema.table and has 3 parts'],
    ['cdm.Person', 'has capitals without quotes: write "Person"'],
    ['cdm.İşlem', 'has capitals without quotes'],
    ['cdm.', 'is no name'],
    ['.person', 'is no name'],
    ['cdm..person', 'is no name'],
    ['cdm. person', 'is no name'],
    ['cdm.1person', 'is no name'],
    ['cdm."person', 'is no name'],
    ['cdm.""', 'is no name'],
    ['"cdm"person', 'is no name'],
    ['cdm.per-son', 'is no name'],
    ['cdm.person; DROP TABLE x', 'is no name'],
    ['cdm."a\0b"', 'is no name'],
  ])('%j is refused as a table: %s', (text, why) => {
    expect(() => tableNameOf(text)).toThrow(NameRefused);
    expect(() => tableNameOf(text)).toThrow(why);
  });

  it('has one part for a column and three for a column of a table', () => {
    expect(identifierOf('"InsureeID"')).toBe('InsureeID');
    expect(columnNameOf('cdm.note."Note ID"')).toEqual({ schema: 'cdm', table: 'note', column: 'Note ID' });
    expect(() => identifierOf('cdm.note')).toThrow('must be a name and has 2 parts');
  });

  it('is read back from its own text, whatever letters it has', () => {
    const part = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        expect(partsOfName(textOfName(...parts), parts.length)).toEqual(parts);
      }),
    );
    expect(textOfName('cdm', 'İşlem')).toBe('cdm."İşlem"');
  });
});
