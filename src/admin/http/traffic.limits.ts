import { Logger } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import { type SignIn, Unauthenticated } from '../../auth/index.js';
import type { TrafficLimits } from '../../config/index.js';
import type { HttpMetrics } from '../../telemetry/index.js';
import { RateLimited } from './request.errors.js';
import { requestIdOf } from './request.log.js';
import { clientOf } from './client.address.js';
import { RateLimiter } from './rate.limiter.js';

/** Whoever restarts a service that does not answer must not be kept from asking; the answer costs nothing. */
const UNLIMITED = /^(?:\/api\/v1)?\/health\/live\/?$/i;
/** Counted by themselves, so that the calls of a busy client do not keep its probes out. */
const PROBES = /^(?:\/api\/v1)?\/(?:health\/ready|metrics)\/?$/i;

/** What {@link limitTraffic} asks and tells. */
export interface TrafficWatch {
  readonly signIn: SignIn;
  readonly metrics: HttpMetrics;
}

/**
 * Holds every client to its number of requests, before anything else of a request is looked at. Whoever comes with a
 * token that holds is held to the number of its subject alone: what others do at the same address, of a hospital or
 * of a proxy, keeps nobody out. All other requests count for their address, and those with a token that does not
 * hold have a lower number. Whoever is over is answered 429 and named in the log once a minute.
 *
 * A token is always verified: it costs one signature at most, of a text of 8 kB at most.
 */
export function limitTraffic(limits: TrafficLimits, { signIn, metrics }: TrafficWatch): RequestHandler {
  const log = new Logger('TrafficLimits');
  const addresses = new RateLimiter(limits.requestsPerMinute);
  const probes = new RateLimiter(limits.requestsPerMinute);
  const failures = new RateLimiter(limits.failedSignInsPerMinute);
  const subjects = new RateLimiter(limits.requestsPerMinute);
  const warnings = new RateLimiter(1);

  const hold = (request: Request, limit: string, limiter: RateLimiter, client: string): void => {
    const seconds = limiter.take(client);
    if (seconds === 0) return;
    if (warnings.take(`${limit} ${client}`) === 0)
      log.warn('A client is over its limit; further requests of it are refused', {
        requestId: requestIdOf(request),
        limit,
        client,
      });
    throw new RateLimited(seconds);
  };

  /** Which limit a request with a token falls under is known when the token is verified. */
  const holdSignedIn = async (request: Request, client: string): Promise<void> => {
    const caller = await signIn.of(request).catch((error: unknown) => {
      if (!(error instanceof Unauthenticated)) {
        hold(request, 'requests', addresses, client);
        return undefined;
      }
      metrics.signInFailed();
      hold(request, 'failed sign-ins', failures, client);
      return undefined;
    });
    // What is wrong with the sign-in is said where it is needed: by the guard.
    if (caller !== undefined) hold(request, 'requests of a subject', subjects, caller.subject);
  };

  return (request, _response, next) => {
    const { path } = request;
    const client = clientOf(request.ip);
    if (UNLIMITED.test(path)) next();
    else if (PROBES.test(path)) {
      hold(request, 'requests', probes, client);
      next();
    } else if (request.headers.authorization === undefined) {
      hold(request, 'requests', addresses, client);
      next();
    } else
      holdSignedIn(request, client).then(() => {
        next();
      }, next);
  };
}
