import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { TABLES } from '../adopted.hospital.js';
import { serveBlocks, told } from './block.js';

/**
 * What PostgreSQL has to do to move the rows of a patient whatever program asks for it: lock his row, one
 * `DELETE … RETURNING` into the table that is kept for each table, one audit event, COMMIT. Raw pg, prepared statements, a
 * warm session for each client. No vote, no check, no record.
 */

const EVENT = `INSERT INTO audit.sharded_audit_event
    (patient_id, audit_event_id, action, actor, reason, legal_basis, deletion_id, purged, failure, request_id,
     occurred_at, actor_role)
  VALUES ($1, $2, 'SYSTEM_DELETE_PATIENT', 'bench', 'DATA_SUBJECT_REQUEST', 'KVKK_ART_7', $3, $4, NULL, $5, $6, 'system-admin')`;
const moveOf = (table: string) => `WITH gone AS (DELETE FROM ${table} WHERE person_no = $1 RETURNING *)
  INSERT INTO silgi_vault.${table.replace('.', '__')} SELECT $2::uuid, $3::uuid, $4::timestamptz, gone.* FROM gone`;

const sessions: Promise<pg.Client>[] = [];

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: told('BENCH_DATABASE_URL'),
    options: '-c role=silgi_service',
    application_name: 'bench moving floor',
  });
  await client.connect();
  return client;
}

async function remove(key: string, number: number): Promise<void> {
  const client = await (sessions[number] ??= connect());
  const [patientId, deletionId, now] = [randomUUID(), randomUUID(), new Date()];
  const purged: { table: string; rows: number | null }[] = [];
  await client.query('BEGIN');
  const lock = 'SELECT FROM his.person WHERE person_no = $1 FOR UPDATE';
  await client.query({ name: 'lock', text: lock, values: [key] });
  for (const table of [...TABLES, 'his.person']) {
    const values = [key, patientId, deletionId, now];
    const { rowCount } = await client.query({ name: table, text: moveOf(table), values });
    purged.push({ table, rows: rowCount });
  }
  if (purged.at(-1)?.rows !== 1) throw new Error(`${key} was not there to be moved.`);
  const event = [patientId, randomUUID(), deletionId, JSON.stringify(purged), randomUUID(), now];
  await client.query({ name: 'event', text: EVENT, values: event });
  await client.query('COMMIT');
}

await serveBlocks(() => Promise.resolve(remove));
