import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { SignIn } from '../../auth/index.js';
import type { Environment } from '../../config/index.js';
import { HttpMetrics } from '../../telemetry/index.js';
import { traceContext } from '../../telemetry/index.js';
import { isBatchRequest } from '../batches/batch.upload.js';
import { limitServer } from './server.limits.js';
import { limitTraffic } from './traffic.limits.js';
import { parseJsonBody } from './json.body.js';
import { requestRules } from './request.rules.js';
import { securityHeaders } from './security.headers.js';
import { serveDocumentation } from './openapi.document.js';
import { requestLog } from './request.log.js';
import { requestMetrics } from './request.metrics.js';
import { requireJson, requireShallow } from './request.validation.js';

const BODY_LIMIT = '64kb';
/** Ten thousand patient ids, with room to spare. */
const BATCH_BODY_LIMIT = '512kb';

/** Patient data is nobody's to keep on the way, so that nobody can ask whether what was kept still holds. */
const forbidCaching: RequestHandler = (request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  // Express would answer 304 to `If-None-Match: *`, whatever is there.
  delete request.headers['if-none-match'];
  delete request.headers['if-modified-since'];
  next();
};

/**
 * Puts around the controllers what every request passes: its id and log line, the limits, what a request may look
 * like, the documents.
 *
 * @param app created with `bodyParser: false`
 * @param environment.mountPath the path of another application below which this one is answered; none unless told
 */
export function configureHttp(
  app: NestExpressApplication,
  environment: Pick<Environment, 'swaggerUi' | 'limits' | 'tracesUrl'> & { readonly mountPath?: string },
  logger: Logger,
): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', environment.limits.trustedProxies);
  const express = app.getHttpAdapter().getInstance();
  const isProxy = express.get('trust proxy fn') as (address: string, hop: number) => boolean;
  limitServer(app.getHttpServer(), environment.limits, logger, (address) => isProxy(address, 0));
  const metrics = app.get(HttpMetrics);
  app.use(requestLog(logger), requestMetrics(metrics), securityHeaders(), forbidCaching);
  const watch = { signIn: app.get(SignIn), metrics };
  app.use(limitTraffic(environment.limits, watch), requestRules, requireJson);
  app.useBodyParser('raw', { limit: BATCH_BODY_LIMIT, type: isBatchRequest, inflate: false });
  app.useBodyParser('raw', { limit: BODY_LIMIT, type: 'application/json', inflate: false });
  app.use(parseJsonBody, requireShallow);
  // Following a request through its promises costs every one of them something: only where it is traced.
  if (environment.tracesUrl !== undefined) app.use(traceContext);
  serveDocumentation(app, environment);
}
