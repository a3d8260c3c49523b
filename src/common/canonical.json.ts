import canonicalizeModule from 'canonicalize';

/** The package is CommonJS whose `module.exports` is the function; its types say `default`. */
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** Canonical JSON (JCS, RFC 8785): the same value gives the same bytes everywhere. @throws TypeError for no JSON */
export function canonicalJson(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('The value has no form in JSON.');
  return text;
}
