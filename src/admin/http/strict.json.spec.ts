import { describe, expect, it } from '@jest/globals';
import { parseStrictJson, StrictJsonError } from './strict.json.js';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

describe('parseStrictJson', () => {
  it.each([
    '{}',
    '[]',
    ' { "a" : [ { "a" : 1 } , { "a" : { "a" : null } } ] , "b" : "\\"a\\":{[" , "" : "" } ',
    '{"a":"a","b":"a","c":["a","a"]}',
    '{"construct":1,"proto":2,"then":3}',
    '{"a\\\\":1,"a":2}',
  ])('reads %s as JSON.parse does', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['a name twice', '{"a":1,"a":1}', 'more than once'],
    ['a name twice with another between', '{"a":1,"b":{"a":2},"a":3}', 'more than once'],
    ['a name twice far inside', '[[{"x":[{"a":1,"b":2,"a":3}]}]]', 'more than once'],
    ['a name twice, once escaped', '{"reason":1,"\\u0072eason":2}', 'more than once'],
    ['the empty name twice', '{"":1,"":2}', 'more than once'],
    ['a name twice after text full of structure', '{"a":"}],{\\"","a":1}', 'more than once'],
    ['the prototype', '{"__proto__":{"isAdmin":true}}', 'no call has'],
    ['the constructor', '[{"constructor":1}]', 'no call has'],
    ['what every object has', '{"toString":1}', 'no call has'],
    ['the prototype, escaped', '{"a":[{"\\u005f_proto__":1}]}', 'no call has'],
    ['a byte order mark', '\ufeff{}', 'not valid JSON'],
    ['a comment', '{/*x*/}', 'not valid JSON'],
    ['a comma too many', '{"a":1,}', 'not valid JSON'],
    ['a number that is none', '{"a":NaN}', 'not valid JSON'],
    ['a control character', '{"a":"\u0000"}', 'not valid JSON'],
    ['two values', '{}{}', 'not valid JSON'],
    ['a bare value', 'null', 'not valid JSON'],
    ['nothing but space', ' ', 'not valid JSON'],
  ])('refuses %s, and repeats nothing of it', (_, text, why) => {
    expect(() => parse(text)).toThrow(StrictJsonError);
    expect(() => parse(text)).toThrow(why);
  });

  it.each([
    ['cut off', [0x22, 0xc3, 0x22]],
    ['too long a form', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['of Latin-9', [0x22, 0xfd, 0x22]],
  ])('refuses letters that are no UTF-8: %s', (_, bytes) => {
    expect(() => parseStrictJson(Buffer.from([0x5b, ...bytes, 0x5d]))).toThrow('not in UTF-8');
  });

  it('reads 64 kB of anything at once', () => {
    const started = performance.now();
    expect(parse('['.repeat(32_000) + ']'.repeat(32_000))).toHaveLength(1);
    expect(parse(`{"a":"${'\\"'.repeat(32_000)}"}`)).toHaveProperty('a');
    const fields = Array.from({ length: 6_000 }, (_, index) => `"k${index}":0`).join(',');
    expect(Object.keys(parse(`{${fields}}`))).toHaveLength(6_000);
    expect(() => parse('"'.repeat(65_000))).toThrow('not valid JSON');
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
