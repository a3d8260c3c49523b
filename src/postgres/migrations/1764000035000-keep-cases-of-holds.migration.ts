import type { MigrationInterface, QueryRunner } from 'typeorm';

const HOLD = 'patient.sharded_legal_hold';
const COLUMNS = [
  'reference text CHECK (char_length(reference) BETWEEN 1 AND 64)',
  'placed_event_id uuid',
  'release_ground text',
  'released_event_id uuid',
];
const POLICIES = ['silgi_readers_see_all', 'silgi_restorer_places', 'silgi_restorer_releases'];

/**
 * The number of the case that a legal hold is for, why it was released, and the audit events of both
 * (docs/adr/0035-legal-holds.md). What was placed before has none of it.
 */
export class KeepCasesOfHolds1764000035000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE ${HOLD} ${COLUMNS.map((column) => `ADD COLUMN ${column}`).join(', ')}`,
    );
    // A list goes on behind an id. Whoever has written holds by hand may have given several patients the same.
    await queryRunner.query(
      `UPDATE ${HOLD} h SET hold_id = gen_random_uuid()
       WHERE EXISTS (SELECT FROM ${HOLD} o WHERE o.hold_id = h.hold_id AND o.patient_id < h.patient_id)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Made by the start that followed: without the policies it would hide every hold from the votes.
    await queryRunner.query(`ALTER TABLE ${HOLD} DISABLE ROW LEVEL SECURITY`);
    for (const policy of POLICIES) await queryRunner.query(`DROP POLICY IF EXISTS ${policy} ON ${HOLD}`);
    const names = COLUMNS.map((column) => column.split(' ')[0]);
    await queryRunner.query(`ALTER TABLE ${HOLD} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
  }
}
