import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit shard. The partial unique index makes a second event of one deletion impossible to store. */
export class CreateAuditShard1764000003000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA audit');
    await queryRunner.query(`
      CREATE TABLE audit.sharded_audit_event (
        patient_id uuid NOT NULL,
        audit_event_id uuid NOT NULL,
        action text NOT NULL,
        actor text NOT NULL,
        reason text,
        legal_basis text,
        deletion_id uuid NOT NULL,
        purged jsonb,
        failure jsonb,
        request_id text NOT NULL,
        occurred_at timestamptz NOT NULL,
        PRIMARY KEY (patient_id, audit_event_id)
      )`);
    await queryRunner.query(`
      CREATE UNIQUE INDEX ON audit.sharded_audit_event (patient_id, deletion_id)
      WHERE action = 'SYSTEM_DELETE_PATIENT'`);
    await queryRunner.query('CREATE INDEX ON audit.sharded_audit_event (audit_event_id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit.sharded_audit_event');
    await queryRunner.query('DROP SCHEMA audit');
  }
}
