import type { Request, RequestHandler } from 'express';
import type { HttpMetrics } from '../../telemetry/index.js';

/** Counts and times every request, whatever becomes of it. */
export function requestMetrics(metrics: HttpMetrics): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      metrics.answered({
        method: request.method,
        route: routeOf(request),
        status: response.writableFinished ? response.statusCode : undefined,
        milliseconds: performance.now() - started,
      });
    });
    next();
  };
}

/** The template of the route that matched. */
export function routeOf(request: Request): string | undefined {
  const route = (request.route as { path?: unknown } | undefined)?.path;
  return typeof route === 'string' ? route : undefined;
}
