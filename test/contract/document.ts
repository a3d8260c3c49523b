import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { readFile, rm } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../../src/admin/index.js';
import { ServiceModule } from '../../src/service/service.module.js';
import { openAuditLog } from '../../src/transparency-log/index.js';
import { TokenVerifier } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { temporaryFolder } from '../support/run.folder.js';

/** JSON Schema 2020-12, as far as the tests read it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
  readonly example?: unknown;
}

export interface MediaType {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface Header {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

/** One answer of an operation. */
export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

/** The OpenAPI document, as far as the tests read it. */
export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, Header>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
}

/** A call of the document: a method on a path template. */
export interface Route {
  /** Small letters, as the document has it. */
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly operation: Operation;
}

/** Where the document is kept for everyone who reads the contract without running the service. */
export const COMMITTED = new URL('../../docs/openapi.json', import.meta.url);

/** The document of an application's routes. */
export function documentOf(app: INestApplication): ApiDocument {
  // Once through text: the same as everyone gets who reads it.
  return JSON.parse(JSON.stringify(openApiDocument(app))) as ApiDocument;
}

/** Every call of the document. */
export function routesOf({ paths }: ApiDocument): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** The document of the code as it stands, without a database and without a port. */
export async function currentDocument(): Promise<ApiDocument> {
  const dataDir = await temporaryFolder();
  const environment = readEnvironment({ DATA_DIR: dataDir });
  const verifier = await TokenVerifier.of(environment);
  const auditLog = await openAuditLog(environment.auditLog);
  // Never connected: the application is put together and not started.
  const module = ServiceModule.over('postgres://127.0.0.1:1/none', verifier, auditLog);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.create(module, { logger: false, abortOnError: false });
  try {
    return documentOf(app);
  } finally {
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The document as it is committed: formatted as every file of the project. */
export async function textOf(document: ApiDocument): Promise<string> {
  const options = await resolveConfig(COMMITTED.pathname);
  return format(JSON.stringify(document), { ...options, parser: 'json' });
}

/** What is committed; nothing where the file is not there. */
export async function committedText(): Promise<string> {
  return readFile(COMMITTED, 'utf8').catch(() => '');
}
