import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuditLogKey } from '../../src/transparency-log/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { FaultInjection, type Step } from '../../src/protocol/index.js';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { ProductProcess } from '../admin/service.process.js';
import { asFiles, BEN, threePatients } from '../import/three.patients.js';
import { Collector } from '../observability/collector.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { canariesIn, MARK, seedCanaries } from './canary.js';

jest.setTimeout(60_000);

/** What was written down, by place. */
const places = new Map<string, string[]>();

function note(place: string, text: string): void {
  places.set(place, [...(places.get(place) ?? []), text]);
}

/** Makes every run fail at one step, where there is one. */
class FailingStep extends FaultInjection {
  step = '';
  make: () => unknown = () => undefined;

  separates({ name }: Step): boolean {
    return name === this.step;
  }

  before({ name }: Step): void {
    if (name === this.step) throw this.make();
  }
}

const faults = new FailingStep();
let database: TestDatabase;
let collector: Collector;
let api: Api;
let dataDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  collector = await Collector.start();
  dataDir = await temporaryFolder();
  const env = { DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url };
  api = await openApi(database.url, { env, faults });
});

afterAll(async () => {
  await api.close();
  await collector.close();
  await database.drop();
});

/** Errors that repeat a row in all their members, from whoever may throw one. */
const TELLING: readonly [who: string, make: () => unknown][] = [
  ['the language', () => new SyntaxError(`Unexpected token ${MARK}`)],
  ['our own code by mistake', () => new TypeError(`${MARK} is not a function`)],
  [
    'the database',
    () => {
      const texts = {
        message: MARK,
        detail: MARK,
        hint: MARK,
        where: MARK,
        query: MARK,
        internalQuery: MARK,
      };
      return Object.assign(new Error(MARK), texts, { severity: 'ERROR', code: '23505', parameters: [MARK] });
    },
  ],
  ['nobody', () => MARK],
];

describe('a patient with a canary in every column', () => {
  it.each(TELLING)('meets an error of %s at every step', async (_, make) => {
    const { patientId } = await seedCanaries(database);
    faults.make = make;
    for (const { name: step } of ALL_DELETION_STEPS)
      for (const call of ['deletions', 'deletion-preview']) {
        faults.step = step;
        const path = `/patients/${patientId}/${call}`;
        const body = call === 'deletions' ? REQUEST : {};
        const response = await api.call('post', path, 'system-admin').send(body);
        // A preview has fewer steps, and a commit whose answer is lost is looked up.
        expect([200, 500, 503]).toContain(response.status);
        note('answers', `${JSON.stringify(response.headers)} ${response.text}`);
      }
    faults.step = '';
    expect(places.get('answers')?.join(' ')).toContain('SHARD_FAILED');
  });

  it.each([
    ['a unique key', '23505'],
    ['a value of another type', '22P02'],
    ['a statement that takes too long', '57014'],
    ['a lock', '55P03'],
    ['a conflict, four times', '40001'],
    ['a server that stops', '57P01'],
  ])('meets %s whose texts tell the row', async (_, sqlstate) => {
    const { patientId } = await seedCanaries(database);
    for (const table of [
      'patient.sharded_patient_demographics',
      'clinical.sharded_tani',
      'finance.sharded_fatura',
    ]) {
      await database.query(
        `CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RAISE EXCEPTION 'row %', to_jsonb(OLD) USING ERRCODE = '${sqlstate}', DETAIL = to_jsonb(OLD)::text,
             HINT = to_jsonb(OLD)::text, COLUMN = to_jsonb(OLD) ->> 'record_number', DATATYPE = '${MARK}'; END $$`,
      );
      await database.query(
        `CREATE TRIGGER tell BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.tell()`,
      );
      const response = await api
        .call('post', `/patients/${patientId}/deletions`, 'system-admin')
        .send(REQUEST);
      expect([500, 503]).toContain(response.status);
      note('answers', `${JSON.stringify(response.headers)} ${response.text}`);
      await database.query('DROP FUNCTION public.tell CASCADE');
    }
  });

  it('is searched for while the tables cannot be read', async () => {
    const table = 'patient.sharded_patient_demographics';
    await database.query(`ALTER TABLE ${table} RENAME COLUMN folded_name TO elsewhere`);
    const response = await api.call('get', `/patients?search=${MARK}`, 'system-admin');
    await database.query(`ALTER TABLE ${table} RENAME COLUMN elsewhere TO folded_name`);
    expect(response.status).toBe(500);
    note('answers', `${JSON.stringify(response.headers)} ${response.text}`);
  });

  it('has its values as names of fields, in paths, headers and tokens', async () => {
    const word = `${MARK} Kanarya`;
    const path = `/patients/${encodeURIComponent(word)}/deletions`;
    for (const request of [
      api.call('post', path, 'system-admin').send({ [word]: 1, ...REQUEST }),
      api.call('get', `/patients?${encodeURIComponent(word)}=1`, 'system-admin'),
      api.call('get', `/patients?state=${encodeURIComponent(word)}`, 'system-admin'),
      api.call('get', '/patients').set('Authorization', `Bearer ${MARK}`),
      api.call('get', '/patients').set('Authorization', word),
      api.call('get', '/patients', 'auditor').set('X-Request-Id', word),
      api.call('get', '/health/live').set('traceparent', word).set('User-Agent', word).set('Cookie', word),
      api.call('post', path, 'system-admin').set('Content-Type', word).send(word),
      api.call('post', path, 'system-admin').set('Content-Type', 'application/json').send(`{"${word}`),
      api.raw('put', `/${encodeURIComponent(word)}`),
    ]) {
      const response = await request;
      note('answers', `${JSON.stringify(response.headers)} ${response.text}`);
    }
  });

  it('is deleted before the eyes of whoever watches the server', async () => {
    const { patientId } = await seedCanaries(database);
    const watcher = await database.connect();
    const watching = new AbortController();
    const watched = (async () => {
      while (!watching.signal.aborted) {
        const { rows } = await watcher.query<{ line: string }>(
          `SELECT to_jsonb(a)::text AS line FROM pg_stat_activity a
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'silgi%'`,
        );
        for (const { line } of rows) note('sessions and statements of the server', line);
      }
    })();
    // The search is held up until it was seen: it would be over between two looks.
    const blocker = await database.connect();
    await blocker.query('BEGIN; LOCK TABLE patient.sharded_patient_demographics');
    const search = Promise.resolve(api.call('get', `/patients?search=${MARK}`, 'system-admin').expect(200));
    await until(
      () =>
        places
          .get('sessions and statements of the server')
          ?.some((line) => line.includes('folded_name LIKE ALL ($')) === true,
    );
    await blocker.end();
    await search;
    await api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST).expect(201);
    watching.abort();
    await watched;
    await watcher.end();
  });
});

describe('commands', () => {
  const say = (name: string, { stdout, stderr }: ProductProcess) => {
    note(`output of ${name}`, `${stdout}\n${stderr}`);
  };
  const environment = () => ({ DATABASE_URL: database.url, DATA_DIR: dataDir });

  it('reject rows that hold canaries without a word of them', async () => {
    const folder = await temporaryFolder();
    const lines = threePatients();
    const spoil = (file: string, record: number, from: string) =>
      lines[file]?.splice(record, 1, (lines[file][record] ?? '').replace(from, MARK));
    spoil('conditions', 2, '2024-01-02');
    spoil('allergies', 2, BEN.slice(0, 8));
    spoil('supplies', 5, '50');
    lines['claims']?.push(MARK);
    for (const [name, text] of Object.entries(asFiles(lines))) await writeFile(join(folder, name), text);
    // Of the same, but with rows that are understood, and that the database then refuses.
    const refused = join(folder, 'refused');
    await mkdir(refused);
    const whole = threePatients();
    whole['conditions'] = (whole['conditions'] ?? []).map((line) => line.replace('Hypertension', MARK));
    for (const [name, text] of Object.entries(asFiles(whole))) await writeFile(join(refused, name), text);
    await database.query(
      `ALTER TABLE clinical.sharded_tani ADD CONSTRAINT plain CHECK (description <> '${MARK}') NOT VALID`,
    );
    const report = join(folder, 'report.txt');
    const runs = [[folder, '--report', report], [refused]].map(
      (args) => new ProductProcess(['cli/main.ts', 'import', ...args], environment()),
    );
    for (const run of runs) {
      expect(await run.ends()).toBe(1);
      say('import', run);
    }
    expect(runs[1]?.stderr).toContain('SQLSTATE 23514');
    await database.query('ALTER TABLE clinical.sharded_tani DROP CONSTRAINT plain');
    note('report of import', await readFile(report, 'utf8'));
  });

  it('check, export and verify without a word of them', async () => {
    const { patientId } = await seedCanaries(database);
    const path = `/patients/${patientId}/deletions`;
    const deleted = await api.call('post', path, 'system-admin').send(REQUEST).expect(201);
    const { deletionId } = deleted.body as { deletionId: string };
    const certificate = `${path}/${deletionId}/certificate`;
    await until(async () => (await api.call('get', certificate, 'auditor')).status === 200);
    const file = (name: string) => join(dataDir, name);
    await writeFile(file('c.json'), (await api.call('get', certificate, 'auditor')).text);
    const key = ['--key', api.app.get(AuditLogKey).verifierKey];
    const log = ['--out', file('log.jsonl'), '--checkpoint', file('note.txt')];
    const first = {
      integrity: ['integrity'],
      'export-audit': ['export-audit', ...log],
      'verify-audit': ['verify-audit'],
      'verify-certificate': ['verify-certificate', file('c.json'), ...key],
      token: ['token', '--subject', 'officer', '--roles', 'auditor'],
    };
    const runs = Object.entries(first).map(([name, args]) => {
      return [name, new ProductProcess(['cli/main.ts', ...args] as [string], environment())] as const;
    });
    for (const [name, run] of runs) {
      expect({ name, code: await run.ends(), stderr: run.stderr }).toMatchObject({ name, code: 0 });
      say(name, run);
    }
    for (const name of ['log.jsonl', 'note.txt', 'c.json', 'audit-log-checkpoints.txt'])
      note('files', await readFile(file(name), 'utf8'));
  });

  it('fail without a word of them', async () => {
    await database.query('ALTER TABLE audit.sharded_audit_event RENAME TO events');
    await database.query(`
      CREATE FUNCTION public.tell() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION '${MARK}' USING DETAIL = '${MARK}'; END $$`);
    await database.query(
      'CREATE VIEW audit.sharded_audit_event AS SELECT * FROM audit.events WHERE public.tell()',
    );
    const run = new ProductProcess(['cli/main.ts', 'integrity'], environment());
    expect(await run.ends()).toBe(1);
    say('integrity', run);
    await database.query('DROP VIEW audit.sharded_audit_event');
    await database.query('ALTER TABLE audit.events RENAME TO sharded_audit_event');
  });
});

describe('nothing of them', () => {
  it('is in the answers, the log, the metrics, the traces, the audit log, or what the commands said', async () => {
    note('metrics', (await api.raw('get', '/metrics').expect(200)).text);
    for (const table of ['audit.sharded_audit_event', 'patient.sharded_patient_deletion'])
      for (const row of await database.query(`SELECT to_jsonb(t) AS row FROM ${table} t`))
        note(table, JSON.stringify(row));
    await until(() => collector.bodies.length > 0);
    note('traces', collector.bodies.join('\n'));
    note('log', api.log.map((line) => JSON.stringify(line)).join('\n'));

    const searched = [...places.values()].flat();
    const hits = [...places].flatMap(([place, texts]) =>
      texts.flatMap((text) => canariesIn(text).map((found) => `${place}: ${found}`)),
    );
    const characters = searched.reduce((sum, text) => sum + text.length, 0);
    process.stdout.write(
      `canaries of failures: ${places.size} places, ${searched.length} texts, ${characters} characters searched; ` +
        `${hits.length} hits\n`,
    );
    expect(canariesIn(`x${MARK}`)).not.toEqual([]);
    expect(hits).toEqual([]);
  });
});
