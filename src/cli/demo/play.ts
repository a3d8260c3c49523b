import { Interruption } from '../interruption.js';
import { auditTrail, deletion } from './acts/deletion.acts.js';
import { orphanIsRefused, othersAreUntouched, retryIsHarmless } from './acts/aftermath.acts.js';
import { demographicsStay, financeFails, sessionIsKilled } from './acts/failure.acts.js';
import { preview, showPatient } from './acts/preview.acts.js';
import { requestComes, requestIsFulfilled } from './acts/request.acts.js';
import { forgottenTable, legalHold } from './acts/veto.acts.js';
import { figure, Narrator } from './narrator.js';
import type { Proofs } from './proofs.js';
import { type Stage, withStage } from './stage.js';
import { ThrowawayDatabase } from './throwaway.database.js';

/** The acts in their order: a later one builds on what an earlier one found. */
const ACTS: readonly ((stage: Stage) => Promise<void>)[] = [
  showPatient,
  requestComes,
  preview,
  financeFails,
  demographicsStay,
  legalHold,
  forgottenTable,
  sessionIsKilled,
  deletion,
  auditTrail,
  requestIsFulfilled,
  orphanIsRefused,
  retryIsHarmless,
  othersAreUntouched,
];

/**
 * Tells the main job of the product on a database of its own, which is removed in the end, also on Ctrl-C.
 *
 * @param stream where it is told
 * @returns whether every claim was proved
 * @throws CommandFailed where it was interrupted
 */
export async function playDemo(stream: NodeJS.WriteStream): Promise<boolean> {
  const narrator = new Narrator(stream);
  const interruption = new Interruption();
  const pause = () => {
    interruption.assertNone('Interrupted; the throw-away database is removed.');
  };
  const started = performance.now();
  let database: ThrowawayDatabase | undefined;
  let proofs: Proofs;
  try {
    narrator.title('Silgi deletes a patient from every shard of a hospital database, or from none.');
    narrator.passing('Starting a PostgreSQL of its own …');
    database = await ThrowawayDatabase.start();
    pause();
    proofs = await withStage({ url: database.url, narrator, pause }, async (stage) => {
      await introduce(stage, started);
      for (const act of ACTS) {
        pause();
        await act(stage);
      }
      return stage.proofs;
    });
  } catch (error) {
    // What a Ctrl-C breaks on its way is not worth a word of its own.
    pause();
    throw error;
  } finally {
    narrator.passing('Removing the database …');
    await database?.remove();
    narrator.passing('');
    interruption.dispose();
  }
  return conclude(narrator, proofs, started);
}

async function introduce(
  { narrator, sql, othersBefore, records, patient }: Stage,
  started: number,
): Promise<void> {
  const { rows } = await sql.query<{ version: string; patients: number }>(
    `SELECT current_setting('server_version') AS version,
       (SELECT count(*) FROM patient.sharded_patient_demographics)::int AS patients`,
  );
  const total = othersBefore.rows + (await records.of(patient.patientId)).rows;
  narrator.paragraph(
    `A real PostgreSQL ${rows[0]?.version ?? ''} in a temporary folder, with ${rows[0]?.patients ?? 0} invented ` +
      `patients and ${figure(total)} rows; ready in ${seconds(started)}. No data of yours is touched. ` +
      'Every ✓ was checked by SQL on a second connection.',
  );
}

function conclude(narrator: Narrator, proofs: Proofs, started: number): boolean {
  const { count, failed } = proofs;
  if (failed.length === 0) {
    narrator.verdict(true, `All ${count} claims hold. ${seconds(started)}; the throw-away database is gone.`);
    narrator.paragraph(
      'To try it yourself: npm start serves the API, with demo patients and a token to use.',
    );
    return true;
  }
  narrator.verdict(false, `${failed.length} of ${count} claims do NOT hold:`);
  for (const claim of failed) narrator.paragraph(`- ${claim}`);
  return false;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
