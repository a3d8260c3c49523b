import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropIndex, makeIndex } from './online.index.js';

/**
 * By the name of the index: what it is on. A deletion's own action is not in it: it writes nothing more. The records of
 * deletions have none like it: `state` is written twice, and an index that knows of it would keep the second from staying
 * on its page (docs/adr/0026-lean-schema.md).
 */
const INDEXES: Readonly<Record<string, string>> = {
  'audit.audit_event_rare_action': `audit.sharded_audit_event (action, audit_event_id) WHERE action <> 'SYSTEM_DELETE_PATIENT'`,
};

/**
 * Lets a list of what is rare, among audit events, cost what it shows and not what there is. Readers and writers
 * go on meanwhile; an index that an interruption has left half-built is built anew by the next start.
 */
export class IndexLists1764000012000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [index, on] of Object.entries(INDEXES)) await makeIndex(queryRunner, index, on);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of Object.keys(INDEXES)) await dropIndex(queryRunner, index);
  }
}
