import type { MigrationInterface, QueryRunner } from 'typeorm';

const RECORD = 'patient.sharded_patient_deletion';

/**
 * When a deletion was undone, in a column of its own: what is restored is found by it, and not by `state`, which every
 * deletion writes twice (docs/adr/0026-lean-schema.md). What is there already is checked by the next migration, beside
 * readers and writers.
 */
export class KeepRestorations1764000018000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE ${RECORD} ADD COLUMN restored_at timestamptz,
        ADD CONSTRAINT restored_at_agrees CHECK ((state = 'RESTORED') = (restored_at IS NOT NULL)) NOT VALID`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE ${RECORD} DROP COLUMN restored_at`);
  }
}
