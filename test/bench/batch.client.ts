import { setTimeout as pause } from 'node:timers/promises';
import { PATIENT_TABLES } from '../support/patients.js';
import type { BenchService } from './bench.service.js';
import { type Cohort, patientIdSql, type Population } from './population.js';
import { SoakClient } from './soak.client.js';

const ORDER = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7', dryRun: false };
const ENDS: readonly unknown[] = ['COMPLETED', 'CANCELLED'];

/** What the service shows of a batch, as far as it is looked at here. */
export interface BatchProgress {
  readonly batchId: string;
  readonly state: string;
  /** ISO 8601, by the clock of the database; null until it has ended. */
  readonly endedAt: string | null;
  /** Lines that have ended. */
  readonly finished: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Deletes patients as a batch, as a user does: one POST, and a GET again and again until it has ended. */
export class BatchClient {
  private readonly client: SoakClient;

  constructor(service: BenchService) {
    this.client = new SoakClient(service);
  }

  /**
   * @param watch asks every so many milliseconds, and is shown each answer
   * @returns milliseconds from the POST to the end of the batch by the clock of the database, which is this machine's
   * @throws Error where the list is not taken, or somebody on it is not DELETED in the end
   */
  async delete(
    ids: readonly string[],
    watch: { readonly everyMs: number; readonly onAnswer?: (batch: BatchProgress) => Promise<unknown> },
  ): Promise<number> {
    const started = Date.now();
    let batch = await this.ask(202, '/deletion-batches', { ...ORDER, patientIds: ids });
    while (!ENDS.includes(batch.state)) {
      await pause(watch.everyMs);
      batch = await this.ask(200, `/deletion-batches/${batch.batchId}`);
      await watch.onAnswer?.(batch);
    }
    if (batch.counts['DELETED'] !== ids.length)
      throw new Error(`Of ${ids.length} patients not all were deleted: ${JSON.stringify(batch)}`);
    return Date.parse(batch.endedAt ?? '') - started;
  }

  close(): void {
    this.client.close();
  }

  private async ask(wanted: number, path: string, sent?: object): Promise<BatchProgress> {
    const { status, body } = await this.client.ask(path, sent);
    if (status !== wanted) throw new Error(`${path} was answered ${status}: ${JSON.stringify(body)}`);
    return body as BatchProgress;
  }
}

/**
 * Asks the database itself what has become of patients.
 *
 * @throws Error unless each one is deleted, has exactly one audit event of it, and no live row
 */
export async function expectDeletedOnce(population: Population, { first, ids }: Cohort): Promise<void> {
  const range = `SELECT ${patientIdSql('n')} FROM generate_series(${first}, ${first + ids.length - 1}) AS n`;
  const [found] = await population.query<{ once: number }>(
    `SELECT count(*)::int AS once FROM patient.sharded_patient_demographics
     JOIN (SELECT patient_id, count(*) AS events FROM audit.sharded_audit_event
           WHERE action = 'SYSTEM_DELETE_PATIENT' GROUP BY patient_id) AS audited USING (patient_id)
     WHERE is_deleted AND events = 1 AND patient_id IN (${range})`,
  );
  const living = PATIENT_TABLES.map(
    (table) => `(SELECT count(*) FROM ${table} WHERE NOT is_deleted AND patient_id IN (${range}))`,
  );
  const [left] = await population.query<{ rows: number }>(`SELECT (${living.join(' + ')})::int AS rows`);
  if (found?.once !== ids.length || left?.rows !== 0)
    throw new Error(
      `Of ${ids.length} patients ${found?.once ?? 0} are deleted with exactly one audit event; ` +
        `${left?.rows ?? 'unknown'} of their rows are live.`,
    );
}
