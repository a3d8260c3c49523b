import type { RequestHandler } from 'express';
import { RouteNotFound, ValidationFailed } from './request.errors.js';
import { PROTOTYPE_NAMES } from './strict.json.js';

/** Those that calls are made with. OPTIONS would be the question of another site's page, which gets no answer. */
const METHODS = new Set(['GET', 'HEAD', 'POST']);
/** The longest search, every letter of it encoded, with room to spare. */
const LONGEST_ADDRESS = 4_096;
/** Of several, Node hands on the first and drops the others in silence: another reader may have judged by the last. */
const ONCE = ['Authorization', 'Content-Type', 'Content-Encoding', 'Host'];
const WITHOUT_ENCODING = /^identity$/i;

/**
 * Refuses what can be told from the head of a request alone, before its body is read.
 *
 * A compressed body is refused as a whole: no call has one that would be worth it, and a small one can hold a
 * huge one.
 */
export const requestRules: RequestHandler = (request, _response, next) => {
  if (!METHODS.has(request.method)) throw new RouteNotFound();
  if (request.url.length > LONGEST_ADDRESS)
    throw new ValidationFailed([
      { path: '', message: `The address is longer than ${LONGEST_ADDRESS} characters` },
    ]);
  // The rules of the fields would pass them by in silence.
  if (Object.keys(request.query).some((name) => PROTOTYPE_NAMES.has(name)))
    throw new ValidationFailed([{ path: '', message: 'The query names a parameter that no call has' }]);
  const repeated = ONCE.filter((name) => (request.headersDistinct[name.toLowerCase()]?.length ?? 0) > 1);
  if (repeated.length > 0)
    throw new ValidationFailed(repeated.map((path) => ({ path, message: 'must be given once' })));
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && !WITHOUT_ENCODING.test(encoding))
    throw new ValidationFailed([{ path: 'Content-Encoding', message: 'must be absent; send plain JSON' }]);
  next();
};
