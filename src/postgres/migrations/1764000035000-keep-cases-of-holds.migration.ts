import type { MigrationInterface, QueryRunner } from 'typeorm';

const HOLD = 'patient.sharded_legal_hold';
const COLUMNS = [
  'reference text CHECK (char_length(reference) BETWEEN 1 AND 64)',
  'placed_event_id uuid',
  'release_ground text',
  'released_event_id uuid',
];

/**
 * The number of the case that a legal hold is for, why it was released, and the audit events of both
 * (docs/adr/0035-legal-holds.md). What was placed before has none of it.
 */
export class KeepCasesOfHolds1764000035000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE ${HOLD} ${COLUMNS.map((column) => `ADD COLUMN ${column}`).join(', ')}`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Made by the start that followed, and about these columns.
    await queryRunner.query(`DROP POLICY IF EXISTS silgi_restorer_places ON ${HOLD}`);
    await queryRunner.query(`DROP POLICY IF EXISTS silgi_restorer_releases ON ${HOLD}`);
    const names = COLUMNS.map((column) => column.split(' ')[0]);
    await queryRunner.query(`ALTER TABLE ${HOLD} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
  }
}
