/** Why a text is refused as JSON. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';
}

/** Strings whole, so that what stands in them is not taken for structure; and the structure. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;
/**
 * Names that every object has already: the rules of the fields pass them by in silence, and whoever copies them may
 * change what an object is.
 */
export const PROTOTYPE_NAMES: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/**
 * Parses an object or a list as RFC 8259 would have it between systems: in UTF-8 without a byte order mark, and
 * with every name once. Of a name that comes twice `JSON.parse` takes the last, others the first, and two readers
 * of one request would then judge different ones.
 *
 * @param bytes the body
 * @throws StrictJsonError with a sentence that repeats nothing of the body
 */
export function parseStrictJson(bytes: Uint8Array): object {
  const text = decode(bytes);
  const value = parse(text);
  refuseNames(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    // A byte order mark is kept, and is then no JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StrictJsonError('The body is not in UTF-8', { cause });
  }
}

function parse(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without its cause, which quotes the body.
    throw new StrictJsonError('The body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null) throw new StrictJsonError('The body is not valid JSON');
  return value;
}

/** @param text that is known to be JSON */
function refuseNames(text: string): void {
  /** The names of the objects that are open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') noteName(open.at(-1), JSON.parse(last) as string);
    last = token;
  }
}

function noteName(names: Set<string> | undefined, name: string): void {
  if (PROTOTYPE_NAMES.has(name)) throw new StrictJsonError('The body names a field that no call has');
  if (names?.has(name) === true) throw new StrictJsonError('The body names a field more than once');
  names?.add(name);
}
