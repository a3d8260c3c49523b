import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of which no row may ever change or go (RELIABILITY rule 27). */
const APPEND_ONLY = [
  'sharded_audit_event',
  'audit_log_leaf',
  'audit_log_node',
  'audit_log_checkpoint',
  'audit_log_key',
];

/**
 * What the sealing of the audit log needs. Of an event: a salt that keys the hashes of its personal data, the
 * transaction that wrote it, by which the sealer finds what is new, and the role it was allowed under. Of the log:
 * the leaves and complete subtrees of its Merkle tree, its signed checkpoints, and the one key that signs them.
 * Events from before get their salt now, and are sealed by the first round.
 */
export class SealAuditLog1764000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE audit.sharded_audit_event
        ADD COLUMN salt uuid NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN inserted_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
        ADD COLUMN actor_role text`);
    await queryRunner.query(
      'CREATE INDEX audit_event_inserted_by ON audit.sharded_audit_event (inserted_by, audit_event_id)',
    );
    // No patient stands in these tables, nor a key to one: an event is known by its id alone.
    await queryRunner.query(`
      CREATE TABLE audit.audit_log_leaf (
        leaf_index bigint PRIMARY KEY CHECK (leaf_index >= 0),
        audit_event_id uuid NOT NULL UNIQUE,
        leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
      )`);
    await queryRunner.query(`
      CREATE TABLE audit.audit_log_node (
        level integer NOT NULL CHECK (level > 0),
        index bigint NOT NULL CHECK (index >= 0),
        hash bytea NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (level, index)
      )`);
    await queryRunner.query(`
      CREATE TABLE audit.audit_log_checkpoint (
        tree_size bigint PRIMARY KEY CHECK (tree_size >= 0),
        root_hash bytea NOT NULL CHECK (length(root_hash) = 32),
        note text NOT NULL,
        horizon xid8 NOT NULL,
        signed_at timestamptz NOT NULL
      )`);
    await queryRunner.query(`
      CREATE TABLE audit.audit_log_key (
        key_id text PRIMARY KEY,
        verifier_key text NOT NULL,
        since timestamptz NOT NULL
      )`);
    // A log is signed by one key: of two instances with different ones, the second is refused by the database.
    await queryRunner.query('CREATE UNIQUE INDEX audit_log_key_is_one ON audit.audit_log_key ((true))');
    await queryRunner.query(`
      CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% on %.% is refused: the audit log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
          USING ERRCODE = 'insufficient_privilege';
      END $$`);
    for (const table of APPEND_ONLY) {
      await queryRunner.query(`
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.${table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()`);
      await queryRunner.query(`ALTER TABLE audit.${table} ENABLE ALWAYS TRIGGER append_only`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER append_only ON audit.sharded_audit_event');
    await queryRunner.query(
      'DROP TABLE audit.audit_log_key, audit.audit_log_checkpoint, audit.audit_log_node, audit.audit_log_leaf',
    );
    await queryRunner.query('DROP FUNCTION audit.refuse_change');
    await queryRunner.query('DROP INDEX audit.audit_event_inserted_by');
    await queryRunner.query(
      'ALTER TABLE audit.sharded_audit_event DROP COLUMN salt, DROP COLUMN inserted_by, DROP COLUMN actor_role',
    );
  }
}
