import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a certificate says of a request comes from the sealed event: when it was asked for, and how the requester is
 * known. Both are null in older events, which are sealed as they were (docs/adr/0024-sealed-requests.md). A batch
 * keeps how its requester is known until its deletions are done; of an older batch that is not known.
 */
export class SealRequests1764000007000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE audit.sharded_audit_event
        ADD COLUMN requested_at timestamptz,
        ADD COLUMN actor_source jsonb`);
    await queryRunner.query(`
      ALTER TABLE patient.sharded_deletion_batch
        ADD COLUMN requested_via jsonb,
        ALTER COLUMN requested_role DROP NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE patient.sharded_deletion_batch SET requested_role = 'terminal' WHERE requested_role IS NULL`,
    );
    await queryRunner.query(
      'ALTER TABLE patient.sharded_deletion_batch DROP COLUMN requested_via, ALTER COLUMN requested_role SET NOT NULL',
    );
    await queryRunner.query(
      'ALTER TABLE audit.sharded_audit_event DROP COLUMN requested_at, DROP COLUMN actor_source',
    );
  }
}
