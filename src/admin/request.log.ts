import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { callerOf } from '../auth/index.js';
import { UUID } from './uuid.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

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
      response.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: (request, { statusCode }) => {
      if (statusCode >= 500) return 'error';
      return /\/health\/(?:live|ready)$/.test(loggedPath(request)) ? 'debug' : 'info';
    },
    customSuccessObject: (request, response, { ms }: { ms: number }) => lineOf(request, response, ms),
    customErrorObject: (request, response, _, { ms }: { ms: number }) => lineOf(request, response, ms),
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

function lineOf(request: Request, { statusCode, locals }: Response, ms: number): object {
  return {
    ...{ method: request.method, path: loggedPath(request), status: statusCode, ms },
    ...(locals[PROBLEM_CODE] !== undefined && { code: locals[PROBLEM_CODE] as string }),
    subject: callerOf(request)?.subject,
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
