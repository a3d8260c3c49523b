import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { CHILD_TABLES } from '../../support/patients.js';
import { serveBlocks, told } from './block.js';

/**
 * The floor: what PostgreSQL has to do for a deletion whatever program asks for it. One warm session per client, every
 * statement prepared by name, one await each, the same role and the same marks as the product; no vote, no check, no
 * record, no retry.
 */

const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
/** On plain tables (test/bench/plain.schema.ts) there is no `live`. */
const NOT_MARKED = process.env['BENCH_PLAIN_TABLES'] === 'true' ? 'NOT is_deleted' : 'live';
const MARK = `SET is_deleted = true, deleted_at = $2, deletion_id = $3 WHERE patient_id = $1 AND ${NOT_MARKED}`;
const EVENT = `INSERT INTO audit.sharded_audit_event
    (patient_id, audit_event_id, action, actor, reason, legal_basis, deletion_id, purged, failure, request_id,
     occurred_at, actor_role)
  VALUES ($1, $2, 'SYSTEM_DELETE_PATIENT', $3, 'DATA_SUBJECT_REQUEST', 'KVKK_ART_7', $4, $5, NULL, $6, $7, 'system-admin')`;

const sessions: Promise<pg.Client>[] = [];

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: told('BENCH_DATABASE_URL'),
    options: '-c role=silgi_service',
    application_name: 'bench floor',
  });
  await client.connect();
  return client;
}

async function remove(patientId: string, number: number): Promise<void> {
  const client = await (sessions[number] ??= connect());
  const deletionId = randomUUID();
  const now = new Date();
  const purged: { table: string; rows: number | null }[] = [];
  await client.query('BEGIN');
  const lock = `SELECT is_deleted FROM ${DEMOGRAPHICS} WHERE patient_id = $1 FOR UPDATE`;
  await client.query({ name: 'lock', text: lock, values: [patientId] });
  for (const table of [...CHILD_TABLES, DEMOGRAPHICS]) {
    const values = [patientId, now, deletionId];
    const { rowCount } = await client.query({ name: table, text: `UPDATE ${table} ${MARK}`, values });
    purged.push({ table, rows: rowCount });
  }
  if (purged.at(-1)?.rows !== 1) throw new Error(`${patientId} was not there to be deleted.`);
  const event = [patientId, randomUUID(), 'bench', deletionId, JSON.stringify(purged), randomUUID(), now];
  await client.query({ name: 'event', text: EVENT, values: event });
  await client.query('COMMIT');
}

await serveBlocks(() => Promise.resolve(remove));
