import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { BASE_PATH } from './api.path.js';
import { BEARER } from './operation.decorator.js';

const DESCRIPTION = `Deletes a patient from every shard of a hospital's database in one atomic act, or from none.

**Sign in** with *Authorize*: a bearer token with one of the roles \`system-admin\`, \`privacy-officer\` or
\`auditor\`. On a developer's machine the service prints one when it starts.

**Errors** are problem details (RFC 9457, \`application/problem+json\`). Decide by \`code\`; \`instance\` is the
request id under which the log has it. Where a deletion fails, nothing of the patient was changed.

**Lists** come in pages: ask for the next one with \`cursor\` set to \`nextCursor\` of the last.`;

/** The OpenAPI document of the application's routes. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Silgi')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This service')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, BEARER)
    .addTag('patients', 'Find the patient.')
    .addTag('deletions', 'Preview a deletion, carry it out, and see what was deleted.')
    .addTag('audit', 'The append-only log.')
    .addTag('integrity', 'The scan of the whole database.')
    .addTag('health', 'For probes.')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  // The same calls at the root are for probes and no part of the contract.
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith(`/${BASE_PATH}/`));
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Serves the document at `/docs-json` and, where wanted, Swagger UI at `/docs`. */
export function serveDocumentation(app: INestApplication, { swaggerUi }: { swaggerUi: boolean }): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    ui: swaggerUi,
    raw: ['json'],
    customSiteTitle: 'Silgi API',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      // Methods and paths first; schemas are looked up where they are needed.
      ...{ defaultModelsExpandDepth: 0, docExpansion: 'list' },
    },
  });
}
