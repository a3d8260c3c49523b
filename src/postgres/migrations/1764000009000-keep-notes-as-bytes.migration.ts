import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A signed note is kept as the bytes that were signed. Each signature line begins with an em dash (C2SP signed-note),
 * which LATIN5, the encoding of older Turkish systems, does not have: as text, nothing could be sealed there.
 */
export class KeepNotesAsBytes1764000009000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE audit.audit_log_checkpoint ALTER COLUMN note TYPE bytea USING convert_to(note, 'UTF8')`,
    );
  }

  /** In a database that cannot hold the notes as text PostgreSQL refuses it, and nothing is changed. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE audit.audit_log_checkpoint ALTER COLUMN note TYPE text USING convert_from(note, 'UTF8')`,
    );
  }
}
