import type { MigrationInterface, QueryRunner } from 'typeorm';

const REQUEST = 'patient.sharded_erasure_request';
const DELETION = 'patient.sharded_patient_deletion';
const EXTENSION = ['extension_reason', 'extended_by', 'extended_at', 'extended_event_id'];
const CLOSING = ['closed_as', 'closing_ground', 'closed_by', 'closed_at', 'closed_event_id'];
/** A month is clamped to its last day: one month after 31 January is the last of February. */
const FIRST_DUE = "least(received_on + 30, (received_on + interval '1 month')::date)";

const allOrNone = (columns: readonly string[]) =>
  `CHECK (num_nulls(${columns.join(', ')}) IN (0, ${columns.length}))`;

/** Requests of data subjects, and which of them a deletion names (docs/adr/0036-erasure-requests.md). */
export class RecordErasureRequests1764000037000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ${REQUEST} (
        patient_id uuid NOT NULL,
        erasure_request_id uuid NOT NULL,
        received_on date NOT NULL,
        channel text NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_event_id uuid NOT NULL,
        extension_reason text,
        extended_by text,
        extended_at timestamptz,
        extended_event_id uuid,
        closed_as text CHECK (closed_as IN ('REFUSED', 'WITHDRAWN')),
        closing_ground text,
        closed_by text,
        closed_at timestamptz,
        closed_event_id uuid,
        due_on date GENERATED ALWAYS AS (
          CASE WHEN extended_at IS NULL THEN ${FIRST_DUE} ELSE (${FIRST_DUE} + interval '2 months')::date END
        ) STORED,
        PRIMARY KEY (patient_id, erasure_request_id),
        UNIQUE (erasure_request_id),
        ${allOrNone(EXTENSION)},
        ${allOrNone(CLOSING)}
      )`);
    await queryRunner.query(
      `CREATE INDEX erasure_request_unclosed ON ${REQUEST} (erasure_request_id) WHERE closed_as IS NULL`,
    );
    await queryRunner.query(`ALTER TABLE ${DELETION} ADD COLUMN erasure_request_id uuid`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE ${DELETION} DROP COLUMN erasure_request_id`);
    await queryRunner.query(`DROP TABLE ${REQUEST}`);
  }
}
