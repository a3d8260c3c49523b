import { refusedAttempt } from '../attempt.js';
import type { Stage } from '../stage.js';

/** Finance fails in Execute, for real: the database raises an error in one of its tables. */
export async function financeFails(stage: Stage): Promise<void> {
  const { narrator, sql } = stage;
  narrator.act('Finance fails half-way');
  await sql.query(`
    CREATE FUNCTION public.demo_refuse() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'the demo refuses this update'; END $$;
    CREATE TRIGGER demo_refuse BEFORE UPDATE ON finance.sharded_finans_islem
      FOR EACH ROW EXECUTE FUNCTION public.demo_refuse()`);
  narrator.says('Made', 'a trigger that raises an error on every update of finance.sharded_finans_islem');
  await refusedAttempt(stage, {
    code: 'SHARD_FAILED',
    step: 'mark finance',
    at: { phase: 'EXECUTE', shard: 'finance', table: 'sharded_finans_islem' },
  });
  await sql.query('DROP FUNCTION public.demo_refuse CASCADE');
}

/** The demographics row cannot be marked, and the database says nothing of it: the guard has to notice. */
export async function demographicsStay(stage: Stage): Promise<void> {
  const { narrator, sql } = stage;
  narrator.act('The demographics record cannot be marked, and nobody says so');
  await sql.query(`
    CREATE FUNCTION public.demo_swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER demo_swallow BEFORE UPDATE ON patient.sharded_patient_demographics
      FOR EACH ROW EXECUTE FUNCTION public.demo_swallow()`);
  narrator.says('Made', 'a trigger that swallows every update of the demographics, without an error');
  await refusedAttempt(stage, {
    code: 'DEMOGRAPHICS_NOT_DELETED',
    step: 'guard demographics',
    at: { phase: 'EXECUTE', shard: 'patient', table: 'sharded_patient_demographics' },
  });
  await sql.query('DROP FUNCTION public.demo_swallow CASCADE');
}

/** The server process of the transaction is ended while the transaction is under way. */
export async function sessionIsKilled(stage: Stage): Promise<void> {
  const { narrator, sql, steps, proofs } = stage;
  narrator.act('The database session dies in the middle');
  let killed = false;
  steps.beforeNext('mark finance', async (backendPid) => {
    const limitMs = 5_000;
    const { rows } = await sql.query<{ ended: boolean }>('SELECT pg_terminate_backend($1, $2) AS ended', [
      backendPid,
      limitMs,
    ]);
    killed = rows[0]?.ended === true;
  });
  narrator.says('Made', 'pg_terminate_backend on the very transaction, once clinical is marked');
  await refusedAttempt(stage, {
    code: 'SHARD_UNAVAILABLE',
    step: 'mark finance',
    at: { phase: 'EXECUTE', shard: 'finance' },
  });
  proofs.that('The server process was really ended.', killed);
}
