import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import type supertest from 'supertest';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { type Api, REQUEST } from '../admin/api.js';
import { ProductProcess } from '../admin/service.process.js';
import type { TestDatabase } from '../support/database.js';
import { CHILD_TABLES, wholeDeletions } from '../support/patients.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';

/** So that a test need not wait for half a minute. */
export const SHORT_LEASE = { BATCH_LEASE_MS: '1500' };

/** A batch as the API answers it. */
export interface Batch {
  readonly batchId: string;
  readonly state: string;
  readonly dryRunId: string | null;
  readonly executionId: string | null;
  readonly lines: number;
  readonly finished: number;
  readonly counts: Record<string, number>;
  readonly totalRows: number;
  readonly endedAt: string | null;
  readonly ratePerMinute: number | null;
}

/** A line of a batch as the API answers it. */
export interface Item {
  readonly line: number;
  readonly patientId: string | null;
  readonly firstLine: number | null;
  readonly state: string;
  readonly code: string | null;
  readonly detail: string;
  readonly deletionId: string | null;
  readonly attempts: number;
}

/** Adds patients with one row in every child table, in two statements each table. @returns their ids */
export async function seedMany(database: TestDatabase, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await database.query(
    `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name, birth_date)
     SELECT id, 'H-' || n, 'Işıl', 'Yıldız', '1980-05-17' FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n)`,
    [ids],
  );
  for (const table of CHILD_TABLES)
    await database.query(
      `INSERT INTO ${table} (patient_id, id) SELECT id, gen_random_uuid() FROM unnest($1::uuid[]) AS p (id)`,
      [ids],
    );
  return ids;
}

/** Forbids a patient's deletion, or allows it again. */
export async function hold(database: TestDatabase, patientId: string): Promise<void> {
  await database.query(
    `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
    [patientId, randomUUID()],
  );
}

/** Asks for a batch in JSON. */
export function batchOf(api: Api, patientIds: readonly string[], more: object = {}): supertest.Test {
  return api
    .call('post', '/deletion-batches', 'system-admin')
    .send({ ...REQUEST, patientIds, dryRun: false, ...more });
}

/** Makes a batch in JSON. @returns its id */
export async function makeBatch(api: Api, patientIds: readonly string[], more: object = {}): Promise<string> {
  const made = await batchOf(api, patientIds, more).expect(202);
  return (made.body as Batch).batchId;
}

/** Asks for a batch as a CSV. */
export function csvOf(api: Api, text: string | Buffer, query = 'dryRun=false'): supertest.Test {
  const target = `/deletion-batches?reason=${REQUEST.reason}&legalBasis=${REQUEST.legalBasis}&${query}`;
  return api.call('post', target, 'system-admin').set('Content-Type', 'text/csv').send(text);
}

export async function showBatch(api: Api, batchId: string): Promise<Batch> {
  return (await api.call('get', `/deletion-batches/${batchId}`, 'auditor').expect(200)).body as Batch;
}

export function turn(api: Api, batchId: string, how: string): supertest.Test {
  return api.call('post', `/deletion-batches/${batchId}/${how}`, 'system-admin');
}

/** A service that works at batches, as a process that can be killed and stopped. */
export async function startWorker(database: TestDatabase): Promise<ProductProcess> {
  const env = { DATABASE_URL: database.url, DATA_DIR: await temporaryFolder(), PORT: '0', ...SHORT_LEASE };
  return new ProductProcess(['main.js'], env);
}

/** How many lines of a batch have come to their ends, by the database itself: no service need answer. */
export async function finishedOf(database: TestDatabase, batchId: string): Promise<number> {
  const [row] = await database.query<{ finished: number }>(
    'SELECT finished FROM patient.sharded_deletion_batch WHERE batch_id = $1',
    [batchId],
  );
  return row?.finished ?? 0;
}

const held: (() => void)[] = [];

/** Lets all lines go that are still held, as behind a test that has failed. */
export function letAllGo(): void {
  for (const letGo of held.splice(0)) letGo();
}

/** Lines that wait for the test before their patients are deleted. */
export interface HeldLines {
  /** Patients whose deletion has been asked for, in this order, repeats included. */
  readonly begun: readonly string[];
  letGo(): void;
}

/** Has the lines of batches wait in a service: each at the moment at which its patient's deletion is asked for. */
export function holdLines(api: Api): HeldLines {
  const orchestrator = api.app.get(PatientOrchestrator);
  const remove = orchestrator.deletePatient.bind(orchestrator);
  const begun: string[] = [];
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  jest.spyOn(orchestrator, 'deletePatient').mockImplementation(async (command) => {
    begun.push(command.patientId);
    await isLetGo;
    return remove(command);
  });
  held.push(letGo);
  return { begun, letGo };
}

/** Waits for the end of a batch. */
export async function endOf(api: Api, batchId: string, limitMs?: number): Promise<Batch> {
  let batch: Batch | undefined;
  await until(async () => (batch = await showBatch(api, batchId)).endedAt !== null, limitMs);
  return batch as unknown as Batch;
}

/** Every line of a batch, page by page. */
export async function itemsOf(api: Api, batchId: string, query = ''): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: number | null = 0; cursor !== null;) {
    const path = `/deletion-batches/${batchId}/items?limit=1000&cursor=${cursor}${query}`;
    const answer = await api.call('get', path, 'auditor').expect(200);
    const page = answer.body as { items: Item[]; nextCursor: number | null };
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** The lines in short: `1 DELETED`. */
export function inShort(items: readonly Item[]): string[] {
  return items.map(({ line, state }) => `${line} ${state}`);
}

/** Asserts that each patient is deleted once and whole, or not at all. @returns how many are deleted */
export async function deletedOnce(database: TestDatabase, ids: readonly string[]): Promise<number> {
  return (await wholeDeletions(database, ids)).length;
}
