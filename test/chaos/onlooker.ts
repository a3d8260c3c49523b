import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Arena } from './arena.js';
import type { LookLine } from './history.js';
import { Stream } from './stream.js';

const MEAN_PAUSE_MS = 100;
const CONNECT_AGAIN_MS = 100;
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

/**
 * Looks at patients while they are being deleted. One statement is one snapshot: what it shows was true at one
 * moment, so that no half of a patient may ever be in it.
 */
export class Onlooker {
  private client: pg.Client | undefined;
  private readonly name: string;
  private readonly statement: string;

  /** @param role `relevant_user` sees what the users concerned see; `owner` sees every row and the audit log */
  constructor(
    private readonly arena: Arena,
    private readonly role: 'owner' | 'relevant_user',
    number: number,
  ) {
    this.name = `onlooker-${number}`;
    const children = [...arena.hospital.children.keys()];
    this.statement = role === 'owner' ? halfDeleted(children) : visibleWithoutDemographics(children);
  }

  /** Looks until the run stops. */
  async work(): Promise<void> {
    const { seed, stopping, waves, clients } = this.arena;
    const stream = new Stream(seed, this.name);
    while (!stopping.aborted) {
      await pause(stream.gap(MEAN_PAUSE_MS));
      const from = waves.frontier - stream.between(0, 3 * clients);
      const patients = await waves.near(Array.from({ length: 2 * clients }, (_, i) => from + i));
      await this.look(patients);
    }
    await this.client?.end().catch(() => undefined);
  }

  private async look(patients: readonly string[]): Promise<void> {
    try {
      this.client ??= await this.connect();
      const { rows } = await this.client.query<LookLine['seen'][number]>(this.statement, [patients]);
      const { history } = this.arena;
      history.append({ kind: 'look', actor: this.name, patients: patients.length, seen: rows });
    } catch (error) {
      // The server is away; any other error would come back at once and is a mistake of the run itself.
      const { code } = error as pg.DatabaseError;
      if (code !== undefined && /^(42|22)/.test(code)) throw error;
      void this.client?.end().catch(() => undefined);
      this.client = undefined;
      await pause(CONNECT_AGAIN_MS);
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.arena.hospital.urlOf(this.role),
      application_name: 'chaos onlooker',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 20_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

function visibleWithoutDemographics(children: readonly string[]): string {
  const rows = children.map(
    (table) => `SELECT patient_id, '${table}' AS name FROM ${table} WHERE patient_id = ANY ($1::uuid[])`,
  );
  return `SELECT DISTINCT c.patient_id AS patient, 'N4' AS property,
      'the users concerned see rows of ' || c.name || ', and no demographics' AS what
    FROM (${rows.join(' UNION ALL ')}) c
    WHERE NOT EXISTS (SELECT FROM ${DEMOGRAPHICS} d WHERE d.patient_id = c.patient_id)`;
}

function halfDeleted(children: readonly string[]): string {
  const marks = children.map(
    (table) =>
      `SELECT patient_id, deletion_id FROM ${table} WHERE patient_id = ANY ($1::uuid[]) AND deletion_id IS NOT NULL`,
  );
  const live = children.map(
    (table) => `SELECT patient_id FROM ${table} WHERE patient_id = ANY ($1::uuid[]) AND NOT is_deleted`,
  );
  return `WITH heart AS (
      SELECT patient_id, deletion_id, is_deleted FROM ${DEMOGRAPHICS} WHERE patient_id = ANY ($1::uuid[])
    ), mark AS (${marks.join(' UNION ')}), living AS (${live.join(' UNION ')}), event AS (
      SELECT patient_id, deletion_id FROM audit.sharded_audit_event
      WHERE patient_id = ANY ($1::uuid[]) AND action = 'SYSTEM_DELETE_PATIENT'
    ), undone AS (
      SELECT patient_id, deletion_id FROM audit.sharded_audit_event
      WHERE patient_id = ANY ($1::uuid[]) AND action = 'SYSTEM_RESTORE_PATIENT'
    )
    SELECT patient_id AS patient, 'N1' AS property, 'a row and the demographics carry different marks' AS what
    FROM mark LEFT JOIN heart USING (patient_id) WHERE heart.deletion_id IS DISTINCT FROM mark.deletion_id
    UNION ALL SELECT patient_id, 'N4', 'a live row beside deleted demographics'
    FROM living JOIN heart USING (patient_id) WHERE heart.is_deleted
    UNION ALL SELECT patient_id, 'N2', 'deleted with ' || count(event.deletion_id) || ' audit events'
    FROM heart LEFT JOIN event USING (patient_id, deletion_id) WHERE heart.is_deleted
    GROUP BY patient_id HAVING count(event.deletion_id) <> 1
    UNION ALL SELECT patient_id, 'N3', 'an audit event without its deletion'
    FROM event LEFT JOIN heart USING (patient_id, deletion_id) LEFT JOIN undone USING (patient_id, deletion_id)
    WHERE heart.patient_id IS NULL AND undone.patient_id IS NULL
    UNION ALL SELECT patient_id, 'N6', 'undone, and hidden still by the same deletion'
    FROM undone JOIN heart USING (patient_id, deletion_id)
    UNION ALL SELECT patient_id, 'N6', 'undone ' || count(*) || ' times' FROM undone
    GROUP BY patient_id, deletion_id HAVING count(*) > 1`;
}
