import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CHILD_TABLES } from '../support/patients.js';
import { patientIdSql } from './population.js';
import type { BlockTimes } from './workers/block.js';

/** A new session fills its caches of the catalogue with the first transactions: these are left out. */
export const WARM_UP_OF_A_CLIENT = 2;
const DEBIAN = '/usr/lib/postgresql';
const DEMOGRAPHICS = 'patient.sharded_patient_demographics';

const id = patientIdSql('(:n)::text');
const deletionId = `md5('d' || (:n)::text)::uuid`;
const mark = (notMarked: string) =>
  `SET is_deleted = true, deleted_at = now(), deletion_id = ${deletionId} WHERE patient_id = ${id} AND ${notMarked}`;
/** The statements of the floor; each client counts through the patients that are its own. */
const scriptOf = (notMarked: string) =>
  [
    '\\set i :i + 1',
    '\\set n :base + :client_id * :per + :i',
    'BEGIN;',
    `SELECT is_deleted FROM ${DEMOGRAPHICS} WHERE patient_id = ${id} FOR UPDATE;`,
    ...[...CHILD_TABLES, DEMOGRAPHICS].map((table) => `UPDATE ${table} ${mark(notMarked)};`),
    `INSERT INTO audit.sharded_audit_event
     (patient_id, audit_event_id, action, actor, reason, legal_basis, deletion_id, purged, request_id, occurred_at)
   VALUES (${id}, gen_random_uuid(), 'SYSTEM_DELETE_PATIENT', 'bench', 'DATA_SUBJECT_REQUEST', 'KVKK_ART_7',
     ${deletionId}, '[]', 'bench', now());`.replaceAll('\n', ' '),
    'COMMIT;',
  ].join('\n');

/** The program, where it is installed: on the PATH, or where Debian puts it. */
export async function findPgbench(): Promise<string | undefined> {
  const versions = (await readdir(DEBIAN).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
}

export interface PgbenchOptions {
  readonly url: string;
  /** Number of the first patient. */
  readonly base: number;
  /** Patients of each client, {@link WARM_UP_OF_A_CLIENT} of which are not counted. */
  readonly each: number;
  readonly clients: number;
  /** Whether the tables are plain ones (test/bench/plain.schema.ts). */
  readonly plain: boolean;
}

/**
 * The floor once more, by PostgreSQL's own program in C, over the prepared protocol.
 *
 * @throws Error where it did not delete every patient
 */
export async function runPgbench(
  program: string,
  { url, base, each, clients, plain }: PgbenchOptions,
): Promise<BlockTimes> {
  const folder = await mkdtemp(join(process.env['SILGI_TEST_FOLDER'] ?? '', 'pgbench-'));
  try {
    await writeFile(join(folder, 'deletion.sql'), `${scriptOf(plain ? 'NOT is_deleted' : 'live')}\n`);
    const variables = { base, per: each, i: -1 };
    const args = [
      '-n',
      '-M',
      'prepared',
      '-c',
      String(clients),
      '-t',
      String(each),
      '-f',
      'deletion.sql',
      '-l',
      '--log-prefix=log',
      ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
      url,
    ];
    const env = { ...process.env, PGOPTIONS: '-c role=silgi_service', PGAPPNAME: 'bench pgbench' };
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env });
    const log = (await readdir(folder)).find((name) => name.startsWith('log.'));
    const times = timesOf(await readFile(join(folder, log ?? ''), 'utf8'));
    if (times.latencies.length !== clients * (each - WARM_UP_OF_A_CLIENT))
      throw new Error(`pgbench did not delete every patient:\n${stdout}`);
    return times;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lines of `client transaction microseconds script seconds microseconds`, the last two being when it ended. */
function timesOf(log: string): BlockTimes {
  const done = new Map<string, number>();
  const kept: { began: number; ended: number; latency: number }[] = [];
  for (const line of log.trim().split('\n')) {
    const [client = '', , took, , seconds, micros] = line.split(' ');
    const before = done.get(client) ?? 0;
    done.set(client, before + 1);
    if (before < WARM_UP_OF_A_CLIENT) continue;
    const latency = Number(took) / 1000;
    const ended = Number(seconds) * 1000 + Number(micros) / 1000;
    kept.push({ began: ended - latency, ended, latency });
  }
  const began = Math.min(...kept.map((one) => one.began));
  const ended = Math.max(...kept.map((one) => one.ended));
  return { milliseconds: ended - began, latencies: kept.map(({ latency }) => latency), cpuMs: NaN };
}
