import type { MigrationInterface, QueryRunner } from 'typeorm';

const RECORD = 'patient.sharded_patient_deletion';
const COLUMNS = [
  'restored_by text',
  'restoration_reason text',
  'restoration_event_id uuid',
  'restoration_key text',
  'restoration_digest text',
  'restoration_answer text',
];

/**
 * Who undid a deletion and why, the audit event that proves it, and what a repeated request is answered
 * (docs/adr/0034-restorations.md). A deletion writes none of it. Columns without a default: no row is written anew.
 */
export class UndoDeletions1764000034000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE ${RECORD} ${COLUMNS.map((column) => `ADD COLUMN ${column}`).join(', ')}`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Made by the start that followed, and about these columns.
    await queryRunner.query(`DROP POLICY IF EXISTS silgi_restorer_undoes ON ${RECORD}`);
    const names = COLUMNS.map((column) => column.split(' ')[0]);
    await queryRunner.query(`ALTER TABLE ${RECORD} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
  }
}
