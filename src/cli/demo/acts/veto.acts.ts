import { randomUUID } from 'node:crypto';
import { refusedAttempt } from '../attempt.js';
import type { Stage } from '../stage.js';

/** A legal hold stands. */
export async function legalHold(stage: Stage): Promise<void> {
  const { narrator, sql, patient } = stage;
  narrator.act('A legal hold forbids it');
  const holdId = randomUUID();
  await sql.query(
    `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
     VALUES ($1, $2, 'LITIGATION', 'demo-privacy-officer', now())`,
    [patient.patientId, holdId],
  );
  narrator.says('Made', 'a legal hold on this patient');
  await refusedAttempt(stage, { code: 'DELETION_VETOED', step: 'vote catalogue', naming: 'LEGAL_HOLD' });
  await sql.query(
    `UPDATE patient.sharded_legal_hold SET released_by = 'demo-privacy-officer', released_at = now()
     WHERE patient_id = $1 AND hold_id = $2`,
    [patient.patientId, holdId],
  );
  narrator.says('Then', 'the hold is released');
}

/** Somebody adds a table about patients and tells no shard. */
export async function forgottenTable(stage: Stage): Promise<void> {
  const { narrator, sql, patient } = stage;
  narrator.act('Somebody forgot a table');
  await sql.query('CREATE TABLE clinical.sharded_kan_transfuzyonu (patient_id uuid, units integer)');
  await sql.query('INSERT INTO clinical.sharded_kan_transfuzyonu VALUES ($1, 2)', [patient.patientId]);
  narrator.says(
    'Made',
    'a table clinical.sharded_kan_transfuzyonu with a row of this patient; no shard declares it',
  );
  await refusedAttempt(stage, {
    code: 'DELETION_VETOED',
    step: 'vote catalogue',
    naming: 'UNDECLARED_TABLE clinical.sharded_kan_transfuzyonu',
  });
  await sql.query('DROP TABLE clinical.sharded_kan_transfuzyonu');
  narrator.says(
    'Then',
    'the table is dropped; a real one would get its entity file and its live foreign key',
  );
}
