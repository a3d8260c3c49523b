import fc from 'fast-check';
import type { ApiDocument, Schema } from '../document.js';

/** What has broken services before: injections, casings, encodings, limits, names of prototypes. */
export const NASTY: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  'NaN',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '\\',
  '"',
  "'",
  '`',
  "' OR 1=1 --",
  '"; DROP SCHEMA patient CASCADE; --',
  '$1',
  '%',
  '_',
  '%%',
  '\\x00',
  '${7*7}',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'length',
  '../../etc/passwd',
  '..%2f..%2f',
  'file:///etc/passwd',
  'http://169.254.169.254/',
  '<script>alert(1)</script>',
  'İIıi',
  'ŞşĞğ',
  'ẞß',
  'ﬀ',
  '👩‍👩‍👧‍👦',
  '\u202Eabc',
  '\uFEFF',
  '\u200B',
  'a\u0301'.repeat(50),
  '𝔘𝔫𝔦',
  '\u0000',
  'a\u0000b',
  '\u0007',
  '\u001B[31m',
  '\r\nX-Injected: 1',
  '\uD800',
  '\uDFFF\uD800',
  '\u2028\u2029',
  '9'.repeat(400),
  'A'.repeat(5_000),
  '-9223372036854775809',
  '2147483648',
  '0x7f',
  '１２３',
  '²',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '{0}',
  '(select 1)',
];

/** Any text at all, and the texts above more often. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
);

/** Any value that JSON has, and some that it can only just say. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, true, 0, -0, 1e308, Number.MAX_SAFE_INTEGER + 2, [], {}, [[]], [null], { $ne: null }),
  fc.double(),
);

/** A value that the schema takes; what the tests need not tell apart is the same every time. */
export function valueOf(schema: Schema, document: ApiDocument): fc.Arbitrary<unknown> {
  const part = schema.$ref ?? schema.allOf?.[0]?.$ref;
  const named = part === undefined ? undefined : document.components.schemas[part.split('/').at(-1) ?? ''];
  if (named !== undefined) return valueOf(named, document);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern), { size: '+1' });
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 50, 50) });
  if (type === 'boolean') return fc.boolean();
  if (type === 'array') return fc.array(valueOf(schema.items ?? {}, document), { maxLength: 3 });
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [
      name,
      valueOf(field, document),
    ]);
    const requiredKeys = [...(schema.required ?? [])];
    return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys });
  }
  return fc.string({ maxLength: Math.min(schema.maxLength ?? 20, 20) });
}

/** A body that is nearly right: a field of another type, one more, one less, wrapped, twice, cut off, or too deep. */
export function spoiled(valid: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const text = valid.map((value) => JSON.stringify(value));
  const changed = fc
    .tuple(valid, fc.nat(), hostileValue, fc.constantFrom('replace', 'remove', 'add', 'own'))
    .map(([value, at, other, how]) => {
      const copy = { ...(value as Record<string, unknown>) };
      const keys = Object.keys(copy);
      const key = keys[at % Math.max(keys.length, 1)] ?? 'reason';
      if (how === 'replace') copy[key] = other;
      if (how === 'remove') Reflect.deleteProperty(copy, key);
      if (how === 'add') copy[NASTY[at % NASTY.length] ?? 'x'] = other;
      if (how === 'own') Object.defineProperty(copy, '__proto__', { value: other, enumerable: true });
      return JSON.stringify(copy);
    });
  const texts = fc.oneof(
    { weight: 6, arbitrary: changed },
    fc.tuple(text, fc.nat()).map(([whole, at]) => whole.slice(0, at % (whole.length + 1))),
    text.map((whole) => `[${whole}]`),
    text.map((whole) => `${whole}${whole}`),
    text.map((whole) => `\uFEFF${whole}`),
    fc.tuple(text, hostileValue).map(([whole, other]) => {
      const again = `${JSON.stringify(Object.keys(JSON.parse(whole) as object)[0] ?? 'a')}:${JSON.stringify(other)}`;
      return whole.replace(/\}$/, `${whole === '{}' ? '' : ','}${again}}`);
    }),
    fc.integer({ min: 10, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.integer({ min: 10, max: 9_000 }).map((depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
    hostileValue.map((value) => JSON.stringify(value)),
    fc.constantFrom('', 'reason=COURT_ORDER', '{"a":01}', '{"a":"\\ud800"}', '"\\u0000"', '{"reason":1e400}'),
    fc.constant(JSON.stringify({ reason: 'A'.repeat(70_000) })),
  );
  return fc.oneof(
    { weight: 9, arbitrary: texts.map((body) => Buffer.from(body)) },
    { weight: 1, arbitrary: texts.map((body) => Buffer.from(body, 'utf16le')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    // A lone surrogate as bytes, which is no UTF-8.
    { weight: 1, arbitrary: fc.constant(Buffer.from('7b22726561736f6e223a22eda080227d', 'hex')) },
  );
}
