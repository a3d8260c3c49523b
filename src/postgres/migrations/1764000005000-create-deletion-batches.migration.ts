import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Batches of deletions and their items. The items are the queue: a worker takes some with SKIP LOCKED and holds them
 * by a lease (docs/adr/0013-batches.md). An item names a patient on purpose and is kept: it records what was asked
 * for. Of a line that is no patient id only its number is stored, since anything may stand there.
 */
export class CreateDeletionBatches1764000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE patient.sharded_deletion_batch (
        batch_id uuid PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'CANCELLED', 'COMPLETED')),
        dry_run boolean NOT NULL,
        dry_run_id uuid UNIQUE REFERENCES patient.sharded_deletion_batch,
        reason text NOT NULL,
        legal_basis text NOT NULL,
        requested_by text NOT NULL,
        requested_role text NOT NULL,
        requested_at timestamptz NOT NULL,
        request_id text NOT NULL,
        idempotency_key text,
        request_digest text,
        lines integer NOT NULL,
        finished integer NOT NULL CHECK (finished BETWEEN 0 AND lines),
        counts jsonb NOT NULL,
        total_rows bigint NOT NULL,
        last_seq bigint NOT NULL,
        started_at timestamptz,
        ended_at timestamptz,
        UNIQUE (requested_by, idempotency_key)
      )`);
    await queryRunner.query(
      'CREATE INDEX ON patient.sharded_deletion_batch (batch_id) WHERE ended_at IS NULL',
    );
    // A patient is in a batch once: of the lines that repeat one, none carries the id.
    await queryRunner.query(`
      CREATE TABLE patient.sharded_deletion_batch_item (
        batch_id uuid NOT NULL,
        line integer NOT NULL,
        patient_id uuid,
        first_line integer,
        state text NOT NULL CHECK (state IN ('PENDING', 'RUNNING', 'DELETED', 'WOULD_DELETE', 'ALREADY_DELETED',
          'NOT_FOUND', 'VETOED', 'FAILED', 'CANCELLED', 'INVALID', 'DUPLICATE')),
        code text,
        detail text,
        deletion_id uuid,
        total_rows bigint,
        attempts integer NOT NULL,
        due_at timestamptz NOT NULL,
        leased_by uuid,
        leased_until timestamptz,
        seq bigint,
        finished_at timestamptz,
        PRIMARY KEY (batch_id, line),
        UNIQUE (batch_id, patient_id),
        CHECK ((state = 'RUNNING') = (leased_until IS NOT NULL)),
        CHECK ((seq IS NULL) = (state IN ('PENDING', 'RUNNING')))
      )`);
    const index = (name: string, columns: string, where: string) =>
      queryRunner.query(
        `CREATE INDEX ${name} ON patient.sharded_deletion_batch_item (${columns}) WHERE ${where}`,
      );
    await index('deletion_batch_item_due', 'batch_id, due_at, line', `state = 'PENDING'`);
    await index('deletion_batch_item_leased', 'batch_id, leased_until', `state = 'RUNNING'`);
    await index('deletion_batch_item_failed', 'batch_id, line', `state = 'FAILED'`);
    await index('deletion_batch_item_seq', 'batch_id, seq', 'seq IS NOT NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE patient.sharded_deletion_batch_item, patient.sharded_deletion_batch');
  }
}
