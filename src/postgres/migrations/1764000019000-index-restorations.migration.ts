import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropIndex, makeIndex } from './online.index.js';

const RECORD = 'patient.sharded_patient_deletion';
const INDEX = 'patient.deletion_restored';

/**
 * Lets a list of what was restored cost what it shows. A deletion writes nothing of it, as it writes `restored_at` never
 * (docs/adr/0026-lean-schema.md). Readers and writers go on meanwhile; one that was interrupted is done by the next start.
 */
export class IndexRestorations1764000019000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // Silgi restores nothing yet. What a hospital has called restored by itself is so at the latest since now.
    await queryRunner.query(
      `UPDATE ${RECORD} SET restored_at = now() WHERE state = 'RESTORED' AND restored_at IS NULL`,
    );
    await queryRunner.query(`ALTER TABLE ${RECORD} VALIDATE CONSTRAINT restored_at_agrees`);
    await makeIndex(queryRunner, INDEX, `${RECORD} (deletion_id) WHERE restored_at IS NOT NULL`);
  }

  /** The check stays until its column goes: a valid one is no worse. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await dropIndex(queryRunner, INDEX);
  }
}
