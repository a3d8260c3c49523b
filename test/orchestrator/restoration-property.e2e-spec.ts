import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHILD_TABLES, countRows, PATIENT_TABLES } from '../support/patients.js';
import { deletionOf, openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { rowsOf } from './restoration.stage.js';

let silgi: Silgi;
beforeAll(async () => {
  silgi = await openSilgi();
});
afterAll(() => silgi.close());

/** A row of a child table: how the hospital itself has left it. */
const row = fc.constantFrom('live', 'hidden', 'hidden with its time', 'hidden with its time', 'live', 'live');
/** Rows of each child table, and how often the patient is deleted and brought back. */
const patients = fc.record({
  tables: fc.tuple(...CHILD_TABLES.map(() => fc.array(row, { maxLength: 6 }))),
  rounds: fc.integer({ min: 1, max: 3 }),
});

async function insert(tables: readonly (readonly string[])[]): Promise<string> {
  const patientId = randomUUID();
  await silgi.database.query(
    `INSERT INTO ${PATIENT_TABLES[0] ?? ''} (patient_id, record_number, given_name, family_name, birth_date)
     VALUES ($1, $2, 'Işıl', 'Yıldız', '1980-05-17')`,
    [patientId, `H-${patientId}`],
  );
  for (const [at, rows] of tables.entries())
    if (rows.length > 0)
      await silgi.database.query(
        `INSERT INTO ${CHILD_TABLES[at] ?? ''} (patient_id, id, is_deleted, deleted_at)
         SELECT $1, gen_random_uuid(), how <> 'live',
           CASE WHEN how = 'hidden with its time' THEN now() - random() * interval '900 days' END
         FROM unnest($2::text[]) AS how`,
        [patientId, rows],
      );
  return patientId;
}

const liveIn = async (patientId: string) =>
  Object.values(await countRows(silgi.database, patientId)).reduce((sum, { live }) => sum + live, 0);

// A seed of its own in every run; a failure prints it, and `seed` in the options plays it again.
it('of whatever patient, every row of every shard is after the restoration what it was before the deletion', async () => {
  await fc.assert(
    fc.asyncProperty(patients, async ({ tables, rounds }) => {
      const patientId = await insert(tables);
      const before = await rowsOf(silgi.database, patientId);
      const live = await liveIn(patientId);
      for (let round = 0; round < rounds; round++) {
        const { answer } = await silgi.orchestrator.deletePatient(deletionOf(patientId));
        expect({ rows: answer.totalRows, live: await liveIn(patientId) }).toEqual({ rows: live, live: 0 });
        await silgi.orchestrator.restorePatient(restorationOf(answer));
        expect(await rowsOf(silgi.database, patientId)).toBe(before);
      }
    }),
    { numRuns: 40 },
  );
});
