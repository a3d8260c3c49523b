import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { brief } from '../attempt.js';
import { figure } from '../narrator.js';
import type { Stage } from '../stage.js';

const FOREIGN_KEY_VIOLATION = '23503';

/** The hospital's own system, knowing nothing of the deletion, writes on. */
export async function orphanIsRefused({ narrator, proofs, sql, records, patient }: Stage): Promise<void> {
  narrator.act('Nobody can write behind its back');
  const before = await records.of(patient.patientId);
  narrator.says(
    'Made',
    'a plain INSERT, past the product: a live examination for the deleted patient, as a hospital system might',
  );
  const refusal = await sql
    .query(
      `INSERT INTO clinical.sharded_muayene (patient_id, id, started_at, description)
       VALUES ($1, $2, now(), 'Kontrol')`,
      [patient.patientId, randomUUID()],
    )
    .then(
      () => undefined,
      (error: unknown) => error as pg.DatabaseError,
    );
  narrator.says('Answered', refusal === undefined ? 'accepted' : `${refusal.code ?? ''}: ${refusal.message}`);
  proofs.that(
    'The database itself refused the orphan: a foreign-key violation (23503), no trigger.',
    refusal?.code === FOREIGN_KEY_VIOLATION,
    refusal?.code,
  );
  const after = await records.of(patient.patientId);
  proofs.that('The patient’s rows are what they were.', before.digest === after.digest);
}

/** The answer got lost on its way and the caller asks again. */
export async function retryIsHarmless({
  narrator,
  proofs,
  orchestrator,
  sql,
  deletion,
  patient,
}: Stage): Promise<void> {
  narrator.act('The answer got lost; the caller asks again');
  if (deletion === undefined) throw new Error('There was no deletion to repeat.');
  narrator.says('Asked', 'the same deletion with the same Idempotency-Key');
  const { answer, replayed } = await orchestrator.deletePatient(deletion.command);
  narrator.says('Answered', `the first answer again: deletion ${answer.deletionId}`);
  proofs.that(
    'It is the first answer to the letter, and is marked as a repeat.',
    replayed && JSON.stringify(answer) === JSON.stringify(deletion.answer),
  );
  const { rows } = await sql.query<{ deletions: number; events: number }>(
    `SELECT (SELECT count(*) FROM patient.sharded_patient_deletion WHERE patient_id = $1)::int AS deletions,
       (SELECT count(*) FROM audit.sharded_audit_event
        WHERE patient_id = $1 AND action = 'SYSTEM_DELETE_PATIENT')::int AS events`,
    [patient.patientId],
  );
  proofs.that(
    'There is still one deletion and one audit event.',
    rows[0]?.deletions === 1 && rows[0].events === 1,
    rows[0],
  );
}

/** Everybody else, and the whole database. */
export async function othersAreUntouched({
  narrator,
  proofs,
  records,
  patient,
  othersBefore,
}: Stage): Promise<void> {
  narrator.act('Everybody else');
  const after = await records.ofOthersThan(patient.patientId);
  proofs.that(
    `All other patients are untouched: ${figure(after.rows)} rows, fingerprint ${brief(othersBefore)} before ` +
      `the first attempt, ${brief(after)} now.`,
    after.digest === othersBefore.digest && after.rows > 0,
  );
  const orphans = await records.orphans();
  proofs.that('No table has a live row of a patient who is deleted.', orphans === 0, orphans);
}
