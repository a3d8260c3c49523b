import { Logger } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import { onSignIn } from '../../auth/index.js';
import type { TrafficLimits } from '../../config/index.js';
import { RateLimited } from './request.errors.js';
import { requestIdOf } from './request.log.js';
import { clientOf } from './client.address.js';
import { RateLimiter } from './rate.limiter.js';

/** Whoever restarts a service that does not answer must not be kept from asking; the answer costs nothing. */
const UNLIMITED = /^(?:\/api\/v1)?\/health\/live\/?$/i;
/** Counted by themselves, so that the calls of a busy client do not keep its probes out. */
const PROBES = /^(?:\/api\/v1)?\/(?:health\/ready|metrics)\/?$/i;

/**
 * Holds every client to its number of requests, before anything else of a request is looked at: each address,
 * each address that comes with tokens that do not hold, and each subject of tokens that do. Whoever is over is
 * answered 429 and named in the log once a minute.
 */
export function limitTraffic({ requestsPerMinute, failedSignInsPerMinute }: TrafficLimits): RequestHandler {
  const log = new Logger('TrafficLimits');
  const addresses = new RateLimiter(requestsPerMinute);
  const probes = new RateLimiter(requestsPerMinute);
  const failures = new RateLimiter(failedSignInsPerMinute);
  const subjects = new RateLimiter(requestsPerMinute);
  const warnings = new RateLimiter(1);

  const hold = (request: Request, limit: string, client: string, seconds: number): void => {
    if (seconds === 0) return;
    if (warnings.take(`${limit} ${client}`) === 0)
      log.warn('A client is over its limit; further requests of it are refused', {
        requestId: requestIdOf(request),
        limit,
        client,
      });
    throw new RateLimited(seconds);
  };

  return (request, response, next) => {
    const { path } = request;
    const client = clientOf(request.ip);
    if (UNLIMITED.test(path)) {
      next();
      return;
    }
    hold(request, 'requests', client, (PROBES.test(path) ? probes : addresses).take(client));
    if (request.headers.authorization !== undefined) {
      hold(request, 'failed sign-ins', client, failures.wait(client));
      response.once('finish', () => {
        if (response.statusCode === 401) failures.charge(client);
      });
    }
    onSignIn(request, ({ subject }) => {
      hold(request, 'requests of a subject', subject, subjects.take(subject));
    });
    next();
  };
}
