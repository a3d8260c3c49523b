import { refusedAttempt } from '../attempt.js';
import type { Stage } from '../stage.js';

/** A legal hold stands. */
export async function legalHold(stage: Stage): Promise<void> {
  const { narrator, proofs, holds, asking, command, erasureRequestId = '' } = stage;
  narrator.act('A legal hold forbids it');
  const asked = { ...command, requestedBy: 'demo-privacy-officer' };
  const { hold } = await holds.placeHold({ ...asked, ground: 'LITIGATION', reference: '2026/1184 E.' });
  narrator.says('Made', 'a legal hold on this patient, for the case 2026/1184 E.');
  await refusedAttempt(stage, { code: 'DELETION_VETOED', step: 'vote catalogue', naming: 'LEGAL_HOLD' });
  const { state } = await asking.get(erasureRequestId);
  proofs.that('While it stands, the patient’s request is deferred.', state === 'DEFERRED', state);
  await holds.releaseHold({ ...asked, holdId: hold.holdId, ground: 'CASE_CLOSED' });
  narrator.says('Then', 'the hold is released, as the case is closed');
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
