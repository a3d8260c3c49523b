import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { EntityManager } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { DatabaseLifecycle } from '../src/postgres/index.js';
import { CatalogueGuard } from '../src/catalogue/index.js';
import { PatientIntake, PatientOrchestrator } from '../src/orchestrator/index.js';

// Runs in a copy of the product, see add-a-table.long-spec.ts: migrates the database in argv, takes a patient with
// so many transfusions in, previews, deletes, and says what came of it.
const [, , url = '', count = ''] = process.argv;
const quiet = Object.freeze({ logger: false as const });
const app = await NestFactory.createApplicationContext(AppModule.forDatabase(url), quiet);
await app.get(DatabaseLifecycle).open(url);

const patientId = randomUUID();
const transfusions = ['A Rh+', '0 Rh-'].slice(0, Number(count)).map((bloodGroup) => ({
  patientId,
  id: randomUUID(),
  bloodGroup,
  units: 2,
  transfusedAt: '2026-03-01T08:30:00Z',
}));
const demographics = { patientId, recordNumber: 'H-1', givenName: 'Işıl', familyName: 'Yıldız' };
const resources = { PatientDemographics: [demographics], BloodTransfusion: transfusions };
const [intake] = await app.get(PatientIntake).admit([{ patientId, resources }]);

const orchestrator = app.get(PatientOrchestrator);
const command = {
  ...({ patientId, reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' } as const),
  requestedBy: 'admin@hospital.example',
  requestedRole: 'system-admin',
  requestedVia: null,
  requestId: randomUUID(),
};
const outcomeOf = (work: Promise<object>) => work.catch((error: unknown) => ({ ...(error as object) }));
const said = {
  patientId,
  added: intake?.added,
  undeclared: await app.get(CatalogueGuard).undeclaredTables(app.get(EntityManager)),
  preview: await outcomeOf(orchestrator.previewDeletion(command)),
  deletion: await outcomeOf(orchestrator.deletePatient(command)),
};
process.stdout.write(`${JSON.stringify(said)}\n`);
await app.close();
