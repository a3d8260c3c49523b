import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { callerOf } from '../../auth/index.js';
import { UUID } from '../../common/index.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** When each request came, in milliseconds on a clock that does not jump with the wall clock as the library's does. */
const started = new WeakMap<Request, number>();
/** Answers to a request that was not signed in, not allowed, or one too many: whence it came is of interest. */
const REFUSED = new Set([401, 403, 429]);

/** Set by the problem filter: the code of the contract with which the request failed. */
export const PROBLEM_CODE = 'problemCode';

/** The id under which a request is logged, answered and audited: the caller's own where it is a sane one. */
export function requestIdOf(request: Request): string {
  return request.id as string;
}

/**
 * Gives every request its id and writes one line about it: what was called, how it ended, how long it took and
 * who asked. No header and no query string is ever in it, for a search may hold a name.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    genReqId: (request, response) => {
      const given = request.get('x-request-id');
      const id = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
      started.set(request, performance.now());
      response.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: (request, { statusCode }) => {
      if (statusCode >= 500) return 'error';
      // There may be thousands of them a second; the limit itself is logged once a minute.
      if (statusCode === 429) return 'debug';
      return /\/health\/(?:live|ready)$/.test(loggedPath(request)) ? 'debug' : 'info';
    },
    customSuccessObject: lineOf,
    customErrorObject: lineOf,
    customSuccessMessage: textOf,
    customErrorMessage: textOf,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    quietReqLogger: true,
    quietResLogger: true,
    wrapSerializers: false,
    // The library binds the whole request and response: none of them is to be written.
    serializers: { req: () => undefined, res: () => undefined },
  });
}

function lineOf(request: Request, { statusCode, locals }: Response): object {
  const ms = Math.round(performance.now() - (started.get(request) ?? NaN));
  return {
    method: request.method,
    path: loggedPath(request),
    status: statusCode,
    ms,
    ...(locals[PROBLEM_CODE] !== undefined && { code: locals[PROBLEM_CODE] as string }),
    subject: callerOf(request)?.subject,
    ...(REFUSED.has(statusCode) && { client: request.ip }),
  };
}

function textOf(_: Request, { writableEnded }: Response): string {
  return writableEnded ? 'request' : 'request aborted by the caller';
}

/** The route that matched, with its ids; whatever else stood in the path may be a name. */
function loggedPath(request: Request): string {
  const route = (request.route as { path?: unknown } | undefined)?.path;
  if (typeof route !== 'string') return '(no route)';
  return route.replace(/:(\w+)/g, (name, key: string) => {
    const value = request.params[key];
    return typeof value === 'string' && UUID.test(value) ? value : name;
  });
}
