import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Environment } from '../config/index.js';
import { HttpMetrics } from '../metrics/index.js';
import { traceContext } from '../tracing/index.js';
import { serveDocumentation } from './openapi.document.js';
import { requestLog } from './request.log.js';
import { requestMetrics } from './request.metrics.js';
import { requireJson } from './request.validation.js';

const BODY_LIMIT = '64kb';

/** Patient data is nobody's to keep on the way. */
const forbidCaching: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/**
 * Puts around the controllers what every request passes: its id and log line, the body's rules, the documents.
 *
 * @param app created with `bodyParser: false`
 */
export function configureHttp(
  app: NestExpressApplication,
  environment: Pick<Environment, 'swaggerUi'>,
  logger: Logger,
): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestLog(logger), requestMetrics(app.get(HttpMetrics)), forbidCaching, requireJson);
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.use(traceContext);
  serveDocumentation(app, environment);
}
