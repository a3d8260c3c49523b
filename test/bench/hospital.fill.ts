import { CHILD_TABLES, PATIENT_TABLES } from '../support/patients.js';
import {
  BEARERS,
  COMMON_NAME,
  FAMILY_NAMES,
  GIVEN_NAMES,
  NAME_OF_RARE_PREFIX,
  RARE_NAME,
} from './hospital.names.js';
import { patientIdSql, type Population } from './population.js';

/** With the row of demographics. */
export const ROWS_OF_A_PATIENT = 31;
/** Attempts that failed, in a hospital of any size: the rare ones among the events. */
export const FAILED_ATTEMPTS = 20;

/** Where the numbers of patients are kept while a database is filled. */
const STAGING = 'public.bench_patient';
const DEMOGRAPHICS = PATIENT_TABLES[0] ?? '';
const RECORD = 'patient.sharded_patient_deletion';
const EVENT = 'audit.sharded_audit_event';

/** The deletion that all others are like. */
export interface Model {
  readonly patientId: string;
  /** Writes the audit events of all deletions, and of a few attempts that failed, in one transaction. */
  readonly events: string;
}

/**
 * Makes a hospital around one patient whom the service has deleted: deletions, rows and their marks as the service
 * leaves them, by statements over all patients at once. What the record and the event of a deletion say is that one's,
 * with ids and times of their own: a deletion a second, the newest of them just now.
 *
 * @param modelId of that patient, who has {@link ROWS_OF_A_PATIENT} rows
 * @param patients so many live ones, with odd numbers from 3 on, and as many deleted ones, with even numbers from 2 on
 */
export async function fillHospital(
  population: Population,
  modelId: string,
  patients: number,
): Promise<Model> {
  await population.query(stagingOf(patients));
  await population.query(`ANALYZE ${STAGING}`);
  await population.queryEach([demographicsOf(patients), ...CHILD_TABLES.map(childrenOf), recordsOf(modelId)]);
  await population.query(`DROP TABLE ${STAGING}`);
  await population.queryEach([...PATIENT_TABLES, RECORD].map((table) => `VACUUM (ANALYZE) ${table}`));
  await population.query('CHECKPOINT');
  return { patientId: modelId, events: eventsOf(modelId) };
}

/** In the order of their ids, as rows lie in a table that was clustered by patient. */
function stagingOf(patients: number): string {
  const milliseconds = `floor(extract(epoch FROM now()) * 1000)::bigint - 1000 * (${2 * patients + 1} - n)`;
  const uuid = (kind: string) =>
    `(lpad(to_hex(ms), 12, '0') || '7' || substr(md5('${kind}' || n), 1, 3) || '8' || substr(md5('${kind}' || n), 4, 15))::uuid`;
  const ifDeleted = (value: string) => `CASE WHEN n % 2 = 0 THEN ${value} END`;
  return `CREATE UNLOGGED TABLE ${STAGING} AS
    SELECT n, ${patientIdSql('n')} AS who, n % 2 = 0 AS deleted, ${ifDeleted("timestamptz '1970-01-01Z' + ms * interval '1 millisecond'")} AS moment,
      ${ifDeleted(uuid('deletion'))} AS deletion, ${ifDeleted(uuid('event'))} AS event
    FROM (SELECT n, ${milliseconds} AS ms FROM generate_series(2, ${2 * patients + 1}) AS n) AS numbered ORDER BY who`;
}

const quoted = (names: readonly string[]) => `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]`;
/** One of so many, by the number of the patient and nothing else. */
const drawn = (kind: string, count: number) => `1 + (hashtext('${kind}' || n) & 2147483647) % ${count}`;

function demographicsOf(patients: number): string {
  const every = Math.floor((2 * patients) / BEARERS);
  return `INSERT INTO ${DEMOGRAPHICS}
      (patient_id, record_number, given_name, family_name, birth_date, is_deleted, deleted_at, deletion_id)
    SELECT who, 'H-' || lpad(n::text, 8, '0'), given,
      CASE WHEN n % ${every} = 11 THEN '${RARE_NAME}' WHEN n % ${every} = 22 THEN '${NAME_OF_RARE_PREFIX}'
        WHEN n % 200 IN (50, 51) THEN '${COMMON_NAME}' ELSE family END,
      date '1930-01-01' + n % 30000, deleted, moment, deletion
    FROM ${STAGING} JOIN unnest(${quoted(FAMILY_NAMES)}) WITH ORDINALITY AS families (family, at)
      ON families.at = ${drawn('family', FAMILY_NAMES.length)}
    JOIN unnest(${quoted(GIVEN_NAMES)}) WITH ORDINALITY AS givens (given, at)
      ON givens.at = ${drawn('given', GIVEN_NAMES.length)}
    ORDER BY who`;
}

/** As many rows as the model has of them. */
function childrenOf(table: string, index: number): string {
  const children = ROWS_OF_A_PATIENT - 1;
  const each = Math.floor(children / CHILD_TABLES.length);
  const rows = each + (index < children % CHILD_TABLES.length ? 1 : 0);
  return `INSERT INTO ${table} (patient_id, id, is_deleted, deleted_at, deletion_id)
    SELECT who, gen_random_uuid(), deleted, moment, deletion
    FROM ${STAGING} CROSS JOIN LATERAL generate_series(1, ${rows} + 0 * n)`;
}

function recordsOf(modelId: string): string {
  return `INSERT INTO ${RECORD} (patient_id, deletion_id, audit_event_id, requested_at, deleted_at, state, reason, legal_basis,
      requested_by, request_id, shards, total_rows)
    SELECT who, deletion, event, moment, moment, state, reason, legal_basis, requested_by, 'request ' || n, shards, total_rows
    FROM ${STAGING}, ${RECORD} AS model WHERE deleted AND model.patient_id = '${modelId}'`;
}

function eventsOf(modelId: string): string {
  const columns = 'actor, actor_role, actor_source, reason, legal_basis';
  const head = `(patient_id, audit_event_id, deletion_id, request_id, requested_at, occurred_at, action, purged, failure, ${columns})`;
  const model = `(SELECT ${columns} FROM ${EVENT} WHERE patient_id = '${modelId}') AS model`;
  return `INSERT INTO ${EVENT} ${head}
    SELECT patient_id, audit_event_id, deletion_id, request_id, requested_at, deleted_at, 'SYSTEM_DELETE_PATIENT', shards,
      NULL::jsonb, ${columns.replace('reason, legal_basis', 'd.reason, d.legal_basis')}
    FROM ${RECORD} AS d, ${model}
    WHERE NOT EXISTS (SELECT FROM ${EVENT} AS e WHERE e.audit_event_id = d.audit_event_id)
    UNION ALL
    SELECT ${patientIdSql("('failed ' || n)")}, ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
      gen_random_uuid(), 'request ' || n, now(), now(), 'SYSTEM_DELETE_PATIENT_FAILED', NULL, '{"code": "LOCK_TIMEOUT"}',
      ${columns}
    FROM generate_series(1, ${FAILED_ATTEMPTS}) AS n, ${model}`;
}
