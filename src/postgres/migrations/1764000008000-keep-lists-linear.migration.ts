import type { MigrationInterface, QueryRunner } from 'typeorm';

const ITEM = 'patient.sharded_deletion_batch_item';
/** Every column, with its type. */
const COLUMNS: Readonly<Record<string, string>> = {
  batch_id: 'uuid',
  line: 'integer',
  patient_id: 'uuid',
  first_line: 'integer',
  state: 'text',
  code: 'text',
  detail: 'text',
  deletion_id: 'uuid',
  total_rows: 'bigint',
  attempts: 'integer',
  due_at: 'timestamptz',
  leased_by: 'uuid',
  leased_until: 'timestamptz',
  seq: 'bigint',
  finished_at: 'timestamptz',
};

/**
 * Has work on a list be linear in its lines whatever has been in the table before (RELIABILITY rule 35).
 *
 * - No statistics: those of earlier lists say of a new one that it has a single line, and the plan that is best for one
 *   line reads a list of a million once for each. Without them the planner goes by the size of the table, as it is.
 * - Of the indexes only the primary key begins with the batch, so that no other can be taken for a lookup of a line.
 */
export class KeepListsLinear1764000008000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // To be given its own type takes a column's statistics away; they would never be renewed.
    const each = Object.entries(COLUMNS).map(([name, type]) => `ALTER ${name} TYPE ${type}`);
    await queryRunner.query(`ALTER TABLE ${ITEM} ${each.join(', ')}`);
    await setStatistics(queryRunner, 0);
    await queryRunner.query(`
      ALTER TABLE ${ITEM} ADD UNIQUE (patient_id, batch_id),
        DROP CONSTRAINT sharded_deletion_batch_item_batch_id_patient_id_key`);
    await queryRunner.query('DROP INDEX patient.deletion_batch_item_failed');
    await queryRunner.query(`CREATE INDEX deletion_batch_item_state ON ${ITEM} (state, batch_id, line)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX patient.deletion_batch_item_state');
    await queryRunner.query(
      `CREATE INDEX deletion_batch_item_failed ON ${ITEM} (batch_id, line) WHERE state = 'FAILED'`,
    );
    await queryRunner.query(`
      ALTER TABLE ${ITEM} ADD UNIQUE (batch_id, patient_id),
        DROP CONSTRAINT sharded_deletion_batch_item_patient_id_batch_id_key`);
    await setStatistics(queryRunner, -1);
  }
}

async function setStatistics(queryRunner: QueryRunner, target: number): Promise<void> {
  const each = Object.keys(COLUMNS).map((name) => `ALTER ${name} SET STATISTICS ${target}`);
  await queryRunner.query(`ALTER TABLE ${ITEM} ${each.join(', ')}`);
}
