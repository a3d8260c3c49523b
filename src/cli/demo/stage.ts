import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { AppModule } from '../../app.module.js';
import { DatabaseLifecycle, migrate } from '../../postgres/index.js';
import { DemoLoader, DemoModule } from '../../demo/index.js';
import {
  type DeletePatientCommand,
  type DeletionAnswer,
  type DeletionPreview,
  HoldOrchestrator,
  PatientOrchestrator,
  RequestOrchestrator,
} from '../../orchestrator/index.js';
import { ControllersCalendar, ErasureRequests } from '../../patient/index.js';
import { FaultInjection } from '../../protocol/index.js';
import { type CastPatient, castPatient } from './cast.js';
import { requesterHere } from '../terminal.requester.js';
import type { Narrator } from './narrator.js';
import { PatientRecords, type RecordState } from './patient.records.js';
import { Proofs } from './proofs.js';
import { StepWatch } from './step.watch.js';

/** The demo speaks for itself; what fails is thrown, not the end of the process. */
const QUIET = Object.freeze({ logger: ['error' as const, 'fatal' as const], abortOnError: false });

/** What the acts play with; what one act finds and a later one needs is kept here. */
export interface Stage {
  readonly narrator: Narrator;
  readonly proofs: Proofs;
  /** The product itself. */
  readonly orchestrator: PatientOrchestrator;
  readonly holds: HoldOrchestrator;
  readonly requests: RequestOrchestrator;
  /** What has become of requests. */
  readonly asking: ErasureRequests;
  readonly calendar: ControllersCalendar;
  readonly steps: StepWatch;
  /** A connection beside the product's: what it sees is what everybody sees. */
  readonly sql: pg.Client;
  readonly records: PatientRecords;
  readonly patient: CastPatient;
  readonly command: DeletePatientCommand;
  readonly othersBefore: RecordState;
  /** Codes of the attempts that were refused or failed, in order. */
  readonly refusals: string[];
  erasureRequestId?: string;
  preview?: DeletionPreview;
  deletion?: { command: DeletePatientCommand; answer: DeletionAnswer };
}

/**
 * Builds the application on an empty database, loads the demo patients and runs `play`; closes all behind it.
 *
 * @param url login that owns the database
 * @param pause called while the patients are loaded; what it throws ends the demo
 */
export async function withStage<T>(
  { url, narrator, pause }: { url: string; narrator: Narrator; pause: () => void },
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  // Here a migration that fails ends the demo; the service's own start would try again without end.
  await migrate(url);
  const steps = new StepWatch();
  const root = AppModule.forDatabase(url);
  const imports = [...(root.imports ?? []), DemoModule, faultsOf(steps)];
  const app = await NestFactory.createApplicationContext({ ...root, imports }, QUIET);
  const sql = new pg.Client({ connectionString: url, application_name: 'silgi demo, looking on' });
  // A lost connection shows in the next query.
  sql.on('error', () => undefined);
  try {
    await app.get(DatabaseLifecycle).open(url);
    await app.get(DemoLoader).loadIntoEmptyDatabase((line) => {
      pause();
      narrator.passing(line);
    });
    await sql.connect();
    const records = new PatientRecords(sql);
    const patient = await castPatient(sql);
    return await play({
      narrator,
      sql,
      records,
      patient,
      refusals: [],
      proofs: new Proofs(narrator),
      orchestrator: app.get(PatientOrchestrator),
      holds: app.get(HoldOrchestrator),
      requests: app.get(RequestOrchestrator),
      asking: app.get(ErasureRequests),
      calendar: new ControllersCalendar(),
      steps,
      othersBefore: await records.ofOthersThan(patient.patientId),
      command: {
        patientId: patient.patientId,
        reason: 'DATA_SUBJECT_REQUEST',
        legalBasis: 'KVKK_ART_7',
        ...(await requesterHere(app, 'demo-administrator')),
        requestId: randomUUID(),
      },
    });
  } finally {
    await sql.end().catch(() => undefined);
    await app.close();
  }
}

@Module({})
class DemoFaultsModule {}

/** Puts the demo behind the door through which a step can be made to fail. */
function faultsOf(steps: StepWatch): DynamicModule {
  const provider = { provide: FaultInjection, useValue: steps };
  return { module: DemoFaultsModule, global: true, providers: [provider], exports: [FaultInjection] };
}
