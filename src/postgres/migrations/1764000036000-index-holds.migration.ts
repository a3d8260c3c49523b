import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropIndex, makeIndex } from './online.index.js';

const HOLD = 'patient.sharded_legal_hold';
const INDEXES = [
  ['patient.hold_id', `${HOLD} (hold_id)`, 'UNIQUE INDEX'],
  ['patient.hold_standing', `${HOLD} (hold_id) WHERE released_at IS NULL`, 'INDEX'],
  ['patient.hold_released', `${HOLD} (hold_id) WHERE released_at IS NOT NULL`, 'INDEX'],
] as const;

/** Lets a list of legal holds cost what it shows, and show each of them. No deletion writes any of it. */
export class IndexHolds1764000036000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A list goes on behind an id. Whoever has written holds by hand may have given several patients the same.
    await queryRunner.query(
      `UPDATE ${HOLD} h SET hold_id = gen_random_uuid()
       WHERE EXISTS (SELECT FROM ${HOLD} o WHERE o.hold_id = h.hold_id AND o.patient_id < h.patient_id)`,
    );
    for (const [index, on, kind] of INDEXES) await makeIndex(queryRunner, index, on, kind);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [index] of INDEXES) await dropIndex(queryRunner, index);
  }
}
