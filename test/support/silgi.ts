import { randomUUID } from 'node:crypto';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { type DynamicModule, type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { DatabaseLifecycle, SERVICE_ROLE } from '../../src/postgres/index.js';
import {
  type DeletePatientCommand,
  type DestructionStep,
  PatientOrchestrator,
  type RestorationStep,
  type RestorePatientCommand,
} from '../../src/orchestrator/index.js';
import type { DeletionVeto } from '../../src/common/index.js';
import type { DeletionKey } from '../../src/shards/index.js';
import {
  FaultInjection,
  type Run,
  type RunEnd,
  type RunObserver,
  RunObservers,
  type Step,
} from '../../src/protocol/index.js';
import type { CellStep } from '../faults/matrix.js';
import { createTestDatabase, serverUrl, type TestDatabase } from './database.js';
import { WireProxy } from './wire.proxy.js';

/** A step of a deletion, a restoration, a legal hold or a data subject's request, or of what the protocol does beside it. */
export type StepName =
  Exclude<CellStep, 'answer'> | RestorationStep | DestructionStep | 'resolve' | 'audit failure' | 'admit';

type Action = (context: { deletionId: string; backendPid: number | undefined }) => Promise<void> | void;

/** Fails, delays or watches steps on order; every order fires once. */
export class Faults extends FaultInjection implements RunObserver {
  private readonly orders = new Map<StepName, Action>();
  /** Every step that was entered, in order. */
  readonly entered: StepName[] = [];
  /** Of what was run: of each deletion, hold or data subject's request. */
  readonly ids = new Set<string>();
  /** Every step that ended with an error, in order. */
  readonly failed: { step: StepName; error: unknown }[] = [];
  /** Called as each step ends. */
  onEnd: (step: StepName, error: unknown) => void = () => undefined;

  at(step: StepName, action: Action): void {
    this.orders.set(step, action);
  }

  get unfired(): StepName[] {
    return [...this.orders.keys()];
  }

  /** A fault strikes when every step before it is done; steps without one share their messages as in a hospital. */
  separates({ name }: Step): boolean {
    return this.orders.has(name as StepName);
  }

  async before(step: Step, run: Run, backendPid: number | undefined): Promise<void> {
    const name = step.name as StepName;
    const deletionId = run.ids['deletionId'] ?? '';
    this.entered.push(name);
    this.ids.add(run.ids['holdId'] ?? run.ids['erasureRequestId'] ?? deletionId);
    const action = this.orders.get(name);
    this.orders.delete(name);
    await action?.({ deletionId, backendPid });
  }

  stepEnded(_run: Run, step: Step, error?: unknown): void {
    const name = step.name as StepName;
    if (error !== undefined) this.failed.push({ step: name, error });
    this.onEnd(name, error);
  }

  ended(_run: Run, _end: RunEnd): void {
    return undefined;
  }

  reset(): void {
    this.orders.clear();
    this.entered.length = 0;
    this.failed.length = 0;
    this.ids.clear();
    this.onEnd = () => undefined;
  }
}

@Module({})
class FaultsModule {}

/** Puts somebody behind the door through which steps are made to fail. */
export function faultsBy(faults: FaultInjection): DynamicModule {
  const provider = { provide: FaultInjection, useValue: faults };
  return { module: FaultsModule, global: true, providers: [provider], exports: [FaultInjection] };
}

/** The product on a database of the test file's own. */
export interface Silgi {
  readonly app: INestApplicationContext;
  readonly database: TestDatabase;
  readonly orchestrator: PatientOrchestrator;
  readonly faults: Faults;
  /** N8: no open or prepared transaction, no lock of any kind, no client of the pool in use. */
  assertNothingLeaked(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param options.override replaces providers, e.g. a shard that fails
 * @param options.url reaches the database by another way (a proxy)
 * @param options.database works on this database instead of a new clone of the template
 * @param options.vetoes what the shards have against a deletion of their own
 * @param options.asOwner works with the owner's privileges, as imports do, instead of the service's
 */
export async function openSilgi(
  options: {
    override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
    url?: (database: TestDatabase) => string;
    database?: TestDatabase;
    asOwner?: boolean;
    vetoes?: readonly DeletionVeto[];
  } = {},
): Promise<Silgi> {
  const database = options.database ?? (await createTestDatabase());
  const faults = new Faults();
  const url = options.url?.(database) ?? database.url;
  const builder = Test.createTestingModule({
    imports: [
      AppModule.forDatabase(url, options.asOwner === true ? undefined : SERVICE_ROLE, options.vetoes),
      faultsBy(faults),
    ],
  })
    .overrideProvider(RunObservers)
    .useValue(new RunObservers([faults]));
  const app = await (options.override?.(builder) ?? builder).compile();
  // Compiling puts a logger of Nest's own for tests in the place of any other.
  Logger.overrideLogger(false);
  await app.init();
  await app.get(DatabaseLifecycle).open(database.url);
  return {
    app,
    database,
    faults,
    orchestrator: app.get(PatientOrchestrator),
    assertNothingLeaked: () => assertNothingLeaked(app, database),
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** The product by way of a proxy that loses messages on order; whoever opens them closes both. */
export async function openBehindProxy(
  options: { asOwner?: boolean } = {},
): Promise<{ silgi: Silgi; proxy: WireProxy }> {
  const proxy = await WireProxy.before(serverUrl());
  const url = (database: TestDatabase) => {
    const through = new URL(proxy.url);
    through.pathname = new URL(database.url).pathname;
    return through.href;
  };
  return { silgi: await openSilgi({ ...options, url }), proxy };
}

/** A complete command for a patient. */
export function deletionOf(
  patientId: string,
  more: Partial<DeletePatientCommand> = {},
): DeletePatientCommand {
  return {
    patientId,
    reason: 'DATA_SUBJECT_REQUEST',
    legalBasis: 'KVKK_ART_7',
    requestedBy: 'admin@hospital.example',
    requestedRole: 'system-admin',
    requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
    requestId: randomUUID(),
    ...more,
  };
}

/** A complete command for a deletion to be undone. */
export function restorationOf(
  { patientId, deletionId }: DeletionKey,
  more: Partial<RestorePatientCommand> = {},
): RestorePatientCommand {
  return {
    patientId,
    deletionId,
    reason: 'DELETED_IN_ERROR',
    requestedBy: 'officer@hospital.example',
    requestedRole: 'privacy-officer',
    requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
    requestId: randomUUID(),
    ...more,
  };
}

async function assertNothingLeaked(app: INestApplicationContext, database: TestDatabase): Promise<void> {
  const pool = (
    app.get(DataSource).driver as unknown as { master: { totalCount: number; idleCount: number } }
  ).master;
  if (pool.totalCount !== pool.idleCount) {
    throw new Error(`${pool.totalCount - pool.idleCount} clients of the pool were not given back.`);
  }
  const open = await database.query<{ state: string; query: string }>(
    `SELECT state, query FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'silgi'
       AND (state <> 'idle' OR xact_start IS NOT NULL)`,
  );
  if (open.length > 0) throw new Error(`Open transactions were left: ${JSON.stringify(open)}`);
  const locks = await database.query(
    `SELECT l.locktype, l.mode, l.relation::regclass AS relation FROM pg_locks l
     JOIN pg_stat_activity a USING (pid)
     WHERE a.datname = current_database() AND a.application_name = 'silgi'`,
  );
  if (locks.length > 0) throw new Error(`Locks were left: ${JSON.stringify(locks)}`);
  const prepared = await database.query(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  );
  if (prepared.length > 0) throw new Error('Prepared transactions were left.');
}
