import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type * as Adoption from '../../../src/adoption/index.js';
import type * as App from '../../../src/app.module.js';
import type * as Database from '../../../src/postgres/index.js';
import type * as Orchestrator from '../../../src/orchestrator/index.js';
import { builtScript } from '../../support/product.build.js';
import { type Remove, serveBlocks, told } from './block.js';

/** The protocol alone, from the compiled product: no HTTP, no sign-in, no request log, no sealing beside it. */

const built = (script: string) => import(pathToFileURL(builtScript(script)).href) as Promise<unknown>;

async function open(): Promise<Remove> {
  const declaration = process.env['BENCH_DECLARATION'];
  if (declaration !== undefined)
    await ((await built('adoption/index.ts')) as typeof Adoption).adoptDeclaration(declaration);
  const { AppModule } = (await built('app.module.ts')) as typeof App;
  const { DatabaseLifecycle, SERVICE_ROLE } = (await built('postgres/index.ts')) as typeof Database;
  const { PatientOrchestrator } = (await built('orchestrator/index.ts')) as typeof Orchestrator;
  const url = told('BENCH_DATABASE_URL');
  const options = { logger: ['error', 'warn'] as ('error' | 'warn')[] };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(AppModule.forDatabase(url, SERVICE_ROLE), options);
  await app.get(DatabaseLifecycle).open(url);
  const orchestrator = app.get(PatientOrchestrator);
  return (patientId) =>
    orchestrator.deletePatient({
      patientId,
      reason: 'DATA_SUBJECT_REQUEST',
      legalBasis: 'KVKK_ART_7',
      requestedBy: 'bench',
      requestedRole: 'system-admin',
      requestedVia: { kind: 'TOKEN', issuer: 'bench' },
      requestId: randomUUID(),
    });
}

await serveBlocks(open);
