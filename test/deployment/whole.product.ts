import { expect } from '@jest/globals';
import { type Api, REQUEST } from '../admin/api.js';
import { endOf, makeBatch } from '../batch/batch.stage.js';
import type { TestDatabase } from '../support/database.js';
import { seedPatient, wholeDeletions } from '../support/patients.js';
import { until } from '../support/processes.js';

/** Patients for {@link useWholeProduct}. */
export interface Seeded {
  readonly alone: string;
  readonly listed: readonly string[];
}

export async function seedForAll(database: TestDatabase): Promise<Seeded> {
  const alone = await seedPatient(database, 2);
  return { alone, listed: [await seedPatient(database, 2), await seedPatient(database, 2)] };
}

/**
 * Uses all that the service has: a preview, a deletion and a batch, and what is read of them: records, audit events,
 * certificate, integrity, and the log's verification.
 *
 * @returns who is whole and deleted with one event, read by the test's own session
 */
export async function useWholeProduct(
  api: Api,
  database: TestDatabase,
  { alone, listed }: Seeded,
): Promise<string[]> {
  const ready = await api.call('get', '/health/ready');
  expect(ready.body).toMatchObject({ status: 'ready' });
  const preview = await api.call('post', `/patients/${alone}/deletion-preview`, 'system-admin').expect(200);
  expect(preview.body).toMatchObject({ ready: true });
  const deleted = await api.call('post', `/patients/${alone}/deletions`, 'system-admin').send(REQUEST);
  expect([deleted.status, deleted.body]).toEqual([201, expect.objectContaining({ state: 'DELETED' })]);
  const { deletionId } = deleted.body as { deletionId: string };
  const batch = await endOf(api, await makeBatch(api, listed));
  expect(batch).toMatchObject({ state: 'COMPLETED', counts: { DELETED: listed.length } });

  const deletion = `/patients/${alone}/deletions/${deletionId}`;
  const record = await api.call('get', deletion, 'auditor').expect(200);
  expect(record.body).toMatchObject({ state: 'DELETED', deletionId });
  const events = await api.call('get', '/audit-events', 'auditor').expect(200);
  expect((events.body as { items: unknown[] }).items.length).toBeGreaterThanOrEqual(1 + listed.length);
  await until(async () => (await api.call('get', `${deletion}/certificate`, 'auditor')).status === 200);
  const scan = await api.call('get', '/integrity', 'auditor').expect(200);
  expect(scan.body).toMatchObject({ healthy: true });
  const verification = await api.call('get', '/audit-log/verification', 'auditor').expect(200);
  expect(verification.body).toMatchObject({ valid: true });
  return wholeDeletions(database, [alone, ...listed]);
}
