import type { MigrationInterface, QueryRunner } from 'typeorm';

const DESTRUCTION = 'patient.sharded_patient_destruction';
const DELETION = 'patient.sharded_patient_deletion';
const STATES = 'sharded_patient_deletion_state_check';

/** Records of destructions, and the last state of a deletion (docs/adr/0038-destruction.md). */
export class DestroyPatients1764000038000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ${DESTRUCTION} (
        patient_id uuid NOT NULL,
        destruction_id uuid NOT NULL,
        deletion_id uuid NOT NULL,
        destroyed_by text NOT NULL,
        destroyed_at timestamptz NOT NULL,
        request_id text NOT NULL,
        due_before date NOT NULL,
        last_contact date,
        policy_digest text NOT NULL,
        is_final boolean NOT NULL,
        shards jsonb NOT NULL,
        deletion_shards jsonb NOT NULL,
        total_rows bigint NOT NULL,
        kept jsonb NOT NULL,
        audit_event_id uuid NOT NULL,
        PRIMARY KEY (patient_id, destruction_id),
        CHECK (is_final = (kept = '[]'))
      )`);
    await setStates(queryRunner, ['CLAIMED', 'DELETED', 'RESTORED', 'DESTROYED']);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // What is destroyed has no other name: it stays, and what came of it is called deleted again.
    await queryRunner.query(`DROP POLICY IF EXISTS silgi_destroyer_ends ON ${DELETION}`);
    await queryRunner.query(`UPDATE ${DELETION} SET state = 'DELETED' WHERE state = 'DESTROYED'`);
    await setStates(queryRunner, ['CLAIMED', 'DELETED', 'RESTORED']);
    await queryRunner.query(`DROP TABLE ${DESTRUCTION}`);
  }
}

/** The rows that are there are checked without keeping anybody from writing. */
async function setStates(queryRunner: QueryRunner, states: readonly string[]): Promise<void> {
  const among = states.map((state) => `'${state}'`).join(', ');
  await queryRunner.query(`ALTER TABLE ${DELETION} DROP CONSTRAINT ${STATES}`);
  await queryRunner.query(
    `ALTER TABLE ${DELETION} ADD CONSTRAINT ${STATES} CHECK (state IN (${among})) NOT VALID`,
  );
  await queryRunner.query(`ALTER TABLE ${DELETION} VALIDATE CONSTRAINT ${STATES}`);
}
