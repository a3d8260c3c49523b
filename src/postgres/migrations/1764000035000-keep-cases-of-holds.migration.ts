import type { MigrationInterface, QueryRunner } from 'typeorm';

const HOLD = 'patient.sharded_legal_hold';
const COLUMNS = [
  'reference text CHECK (char_length(reference) BETWEEN 1 AND 64)',
  'placed_event_id uuid',
  'release_ground text',
  'released_event_id uuid',
];
const EVENTS = [
  ['placed', 'SYSTEM_PLACE_LEGAL_HOLD', ''],
  ['released', 'SYSTEM_RELEASE_LEGAL_HOLD', ', release_ground = e.reason'],
] as const;
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
    // Where this was undone before, the log still has the events.
    for (const [of, action, ground] of EVENTS)
      await queryRunner.query(
        `UPDATE ${HOLD} h SET ${of}_event_id = e.audit_event_id ${ground} FROM audit.sharded_audit_event e
         WHERE e.patient_id = h.patient_id AND e.action = '${action}' AND e.actor = h.${of}_by AND e.occurred_at = h.${of}_at`,
      );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Made by the start that followed: without the policies it would hide every hold from the votes.
    await queryRunner.query(`ALTER TABLE ${HOLD} DISABLE ROW LEVEL SECURITY`);
    for (const policy of POLICIES) await queryRunner.query(`DROP POLICY IF EXISTS ${policy} ON ${HOLD}`);
    // Without the policies nobody may write holds.
    await queryRunner.query(
      `DO $$ BEGIN IF to_regrole('silgi_restorer') IS NOT NULL
         THEN REVOKE INSERT, UPDATE ON ${HOLD} FROM silgi_restorer; END IF; END $$`,
    );
    const names = COLUMNS.map((column) => column.split(' ')[0]);
    await queryRunner.query(`ALTER TABLE ${HOLD} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
  }
}
