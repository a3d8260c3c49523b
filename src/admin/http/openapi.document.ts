import type { INestApplication } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { BASE_PATH, BATCHES_PATH } from './api.path.js';
import { BATCH_CSV, BATCH_REQUEST } from './examples.js';
import { BEARER } from './operation.decorator.js';

const DESCRIPTION = `Deletes a patient from every shard of a hospital's database in one atomic act, or from none.

**Sign in** with *Authorize*: a bearer token with one of the roles \`system-admin\`, \`privacy-officer\` or
\`auditor\`. On a developer's machine the service prints one when it starts.

**Errors** are problem details (RFC 9457, \`application/problem+json\`). Decide by \`code\`; \`instance\` is the
request id under which the log has it. Where a deletion fails, nothing of the patient was changed.

**Lists** come in pages: ask for the next one with \`cursor\` set to \`nextCursor\` of the last.`;

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const REQUEST_ID_HEADER = {
  description: 'The request, as the log knows it: the caller’s own id where that is a sane one.',
  required: true,
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' },
};

/**
 * The OpenAPI document of the application's routes.
 *
 * @param server the path below which they are answered
 */
export function openApiDocument(app: INestApplication, server = '/'): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Silgi')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(server, 'This service')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER)
    .addTag('patients', 'Find the patient.')
    .addTag('deletions', 'Preview a deletion, carry it out, and see what was deleted.')
    .addTag('deletion batches', 'Delete many patients, each one atomic for itself.')
    .addTag('audit', 'The append-only log.')
    .addTag('retention', 'How long what was deleted is kept.')
    .addTag('integrity', 'The scan of the whole database.')
    .addTag('health', 'For probes.')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  // The same calls at the root are for probes and no part of the contract.
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith(`/${BASE_PATH}/`));
  const { schemas, ...components } = document.components ?? {};
  return withRequestIds({
    ...document,
    paths: withCsv(Object.fromEntries(paths)),
    components: { ...components, headers: { RequestId: REQUEST_ID_HEADER }, schemas: sealed(schemas ?? {}) },
  });
}

/** What a schema does not name is never answered, and refused in a request. */
function sealed(schemas: Schemas): Schemas {
  const entries = Object.entries(schemas).map(([name, schema]) => {
    const isObject = 'properties' in schema && schema.additionalProperties === undefined;
    return [name, isObject ? { ...schema, additionalProperties: false } : schema];
  });
  return Object.fromEntries(entries) as Schemas;
}

/** A list may come as CSV, which the decorators of one body cannot say; nor do they give a code in a query an example. */
function withCsv(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const { requestBody: body, parameters = [] } = paths[`/${BATCHES_PATH}`]?.post ?? {};
  if (body !== undefined && !('$ref' in body))
    body.content['text/csv'] = { schema: { type: 'string' }, example: BATCH_CSV };
  const examples: Readonly<Record<string, unknown>> = BATCH_REQUEST;
  for (const parameter of parameters)
    if ('in' in parameter && parameter.in === 'query' && parameter.name in examples)
      parameter.example = examples[parameter.name];
  return paths;
}

/** Every answer says under which id the log has it. */
function withRequestIds(document: OpenAPIObject): OpenAPIObject {
  const operations = Object.values(document.paths).flatMap((path) =>
    METHODS.flatMap((method) => path[method] ?? []),
  );
  for (const { responses } of operations)
    for (const answer of Object.values(responses))
      if (answer !== undefined && !('$ref' in answer))
        answer.headers = { ...answer.headers, 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };
  return document;
}

/** Serves the document at `/docs-json` and Swagger UI at `/docs`, to which `/` leads, or none of them. */
export function serveDocumentation(
  app: INestApplication,
  { swaggerUi, mountPath = '' }: { swaggerUi: boolean; mountPath?: string },
): void {
  if (!swaggerUi) return;
  // A route, so that the root is known to have no other method.
  app.getHttpAdapter().get('/', (_request: Request, response: Response) => {
    response.redirect(302, `${mountPath}/docs`);
  });
  SwaggerModule.setup('docs', app, () => openApiDocument(app, mountPath || '/'), {
    raw: ['json'],
    customSiteTitle: 'Silgi API',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      // Methods and paths first; schemas are looked up where they are needed.
      defaultModelsExpandDepth: 0,
      docExpansion: 'list',
    },
  });
}
