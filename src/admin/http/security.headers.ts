import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** A year and more, for every host below (ASVS 5.0, V3.4.1); only over TLS may it be sent (RFC 6797, section 7.2). */
const TLS_ONLY_S = 2 * 365 * 24 * 60 * 60;

const NOTHING = ["'none'"];
const SELF = ["'self'"];

/** No answer of the API is a page: a browser that is led to one loads nothing, runs nothing and frames nothing. */
const OF_THE_API = {
  defaultSrc: NOTHING,
  objectSrc: NOTHING,
  baseUri: NOTHING,
  formAction: NOTHING,
  frameAncestors: NOTHING,
  sandbox: [],
};

/** Swagger UI brings its own script, styles (some of them inline) and pictures, and calls this service alone. */
const OF_SWAGGER_UI = {
  defaultSrc: NOTHING,
  objectSrc: NOTHING,
  baseUri: NOTHING,
  formAction: NOTHING,
  frameAncestors: NOTHING,
  scriptSrc: SELF,
  connectSrc: SELF,
  fontSrc: SELF,
  styleSrc: [...SELF, "'unsafe-inline'"],
  imgSrc: [...SELF, 'data:'],
};

const IS_SWAGGER_UI = /^\/docs(?:\/|$)/i;

/** Tells browsers how little they may do with an answer. Nothing of CORS is ever sent: other sites get nothing. */
export function securityHeaders(): RequestHandler {
  const general = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
  const policyOf = (directives: Record<string, string[]>) =>
    helmet.contentSecurityPolicy({ useDefaults: false, directives });
  const api = policyOf(OF_THE_API);
  const swaggerUi = policyOf(OF_SWAGGER_UI);
  const tlsOnly = helmet.strictTransportSecurity({ maxAge: TLS_ONLY_S, includeSubDomains: true });
  return (request, response, next) => {
    const policy = IS_SWAGGER_UI.test(request.path) ? swaggerUi : api;
    general(request, response, () => {
      policy(request, response, () => {
        if (request.secure) tlsOnly(request, response, next);
        else next();
      });
    });
  };
}
