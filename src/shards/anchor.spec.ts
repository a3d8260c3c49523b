import { describe, expect, it } from '@jest/globals';
import { anchorFunctionBody } from './anchor.js';
import { vaultOf } from './moved.table.js';
import { identifier, shortened } from './sql.text.js';

describe('the function that registers patients', () => {
  it('names the column with their key as it is quoted, everywhere', () => {
    const body = anchorFunctionBody(identifier('Hasta"No'));
    expect(body.match(/(NEW|OLD)\.\S+/g)?.every((name) => /^(NEW|OLD)\."Hasta""No"[;)]?$/.test(name))).toBe(
      true,
    );
    expect(body).not.toMatch(/(NEW|OLD)\.(?!"Hasta""No")/);
  });

  it('takes a key that is there already only where its patient is not deleted, and raises where it took none', () => {
    const body = anchorFunctionBody('"no"');
    expect(body).toMatch(
      /ON CONFLICT \(patient_key\) DO UPDATE SET .* WHERE NOT anchor\.is_deleted;\s+IF NOT FOUND THEN\s+RAISE unique_violation/,
    );
  });
});

describe('a name for the database', () => {
  const long = 'ı'.repeat(40);
  it('stays as it is up to 63 bytes', () => {
    expect(shortened('a'.repeat(63))).toBe('a'.repeat(63));
    expect(shortened('ş'.repeat(31))).toBe('ş'.repeat(31));
  });

  it.each([['a'.repeat(64)], [long], [`a${long}`], ['😀'.repeat(16)]])(
    'of more ends in a digest of it, and has 63 bytes at most, none of half a letter: %s',
    (name) => {
      const short = shortened(name);
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(63);
      expect(Buffer.byteLength(short)).toBeGreaterThan(58);
      expect(short).toMatch(/_[0-9a-f]{8}$/);
      expect(name.startsWith(short.slice(0, -9))).toBe(true);
      expect(shortened(`${name}x`)).not.toBe(short);
    },
  );

  it('of where rows leave for has schema and table in it, and differs where those do', () => {
    expect(vaultOf({ schema: 'his', table: 'visit' })).toEqual({
      schema: 'silgi_vault',
      table: 'his__visit',
    });
    const of = (table: string) => vaultOf({ schema: 'Hasta_Kayıt', table }).table;
    expect(of(`${long}1`)).not.toBe(of(`${long}2`));
  });
});
