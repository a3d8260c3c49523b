import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type supertest from 'supertest';
import { type Api, expectProblem, openApi, REQUEST } from '../admin/api.js';
import { type Batch, csvOf, endOf, inShort, type Item, itemsOf } from '../batch/batch.stage.js';
import { deleteBatchCommand } from '../../src/cli/delete-batch.command.js';
import { runInProcess } from '../support/command.js';
import { temporaryFolder } from '../support/run.folder.js';
import { adoptHospital, DECLARATION, PEOPLE } from './hospital.stage.js';
import type { TestDatabase } from '../support/database.js';

/** Keys that stand nowhere by chance; the last is the greatest that the type has. */
const KEYS = ['7700010001', '7700010002', '7700010003', '7700010004', '9223372036854775807'] as const;
const MORE = `;
  INSERT INTO his.person (person_no, file_number) SELECT k::bigint, 'K' || n
    FROM unnest(ARRAY['${KEYS.join("','")}']) WITH ORDINALITY AS u (k, n)`;
const NOBODYS = 'No patient has this key.';
const NO_KEY = 'The line is without a key.';
const NO_SUCH_TEXT = 'What stands here is not a key as the hospital’s database writes one.';

let database: TestDatabase;
let api: Api;

beforeAll(async () => {
  ({ database } = await adoptHospital({ people: PEOPLE + MORE }));
  api = await openApi(database.url);
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

function batchOf(patientKeys: unknown, more: object = {}): supertest.Test {
  const body = { ...REQUEST, patientKeys, dryRun: false, ...more };
  return api.call('post', '/deletion-batches', 'system-admin').send(body);
}

async function ended(request: supertest.Test): Promise<Item[]> {
  const { batchId } = (await request.expect(202)).body as Batch;
  await endOf(api, batchId);
  return itemsOf(api, batchId);
}

async function pseudonymOf(key: string): Promise<string> {
  const [row] = await database.query<{ patient_id: string }>(
    'SELECT patient_id FROM silgi.patient_anchor WHERE patient_key = $1::bigint',
    [key],
  );
  return row?.patient_id ?? '';
}

async function isThere(key: string): Promise<boolean> {
  const found = await database.query('SELECT FROM his.person WHERE person_no = $1::bigint', [key]);
  return found.length > 0;
}

/** Every row of Silgi's own schemas but the pseudonyms, as text. */
async function storedText(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('patient', 'audit') AND tablename <> 'migrations'`,
  );
  const texts = [];
  for (const { name } of tables) texts.push(JSON.stringify(await database.query(`SELECT * FROM ${name} t`)));
  return texts.join('\n');
}

describe('a batch by the hospital’s keys', () => {
  it('deletes who has each key as it is written, and names every other line with a reason that quotes nothing', async () => {
    const [one, two, , , greatest] = KEYS;
    const keys = [
      one,
      `0${two}`,
      '77',
      greatest,
      '9223372036854775808',
      '9'.repeat(40),
      `+${two}`,
      ` ${two}`,
    ];
    const items = await ended(batchOf([...keys, `${two}.0`, '7e9', 'x', '', ' ', null, one, two, one]));
    const said = items.map(({ state, detail, firstLine }) => [state, firstLine ?? detail]);
    expect(said).toEqual([
      ['DELETED', expect.any(String)],
      ['INVALID', NO_SUCH_TEXT],
      ['INVALID', NOBODYS],
      ['DELETED', expect.any(String)],
      ...Array.from({ length: 7 }, () => ['INVALID', NO_SUCH_TEXT]),
      ...Array.from({ length: 3 }, () => ['INVALID', NO_KEY]),
      ['DUPLICATE', 1],
      ['DELETED', expect.any(String)],
      ['DUPLICATE', 1],
    ]);
    const ids = await Promise.all([one, two, greatest].map(pseudonymOf));
    expect([items[0], items[15], items[3], items[14]].map((item) => item?.patientId)).toEqual([
      ...ids,
      ids[0],
    ]);
    expect(await Promise.all([one, two, greatest].map(isThere))).toEqual([false, false, false]);
    // A key outlives its patient.
    expect(inShort(await ended(batchOf([one])))).toEqual(['1 ALREADY_DELETED']);
  });

  it('leaves the keys nowhere: in no line, event, answer, log or table', async () => {
    const [, , three] = KEYS;
    const [item] = await ended(batchOf([three, `${three}x`, `00${three}`]));
    const id = item?.patientId ?? '';
    const { batchId } = (await batchOf([three], { dryRun: true }).expect(202)).body as Batch;
    const answers = [
      await api.call('get', `/deletion-batches/${batchId}/events`, 'auditor').expect(200),
      await api.call('get', `/audit-events?patientId=${id}`, 'auditor').expect(200),
      await batchOf([three, 7]).expect(400),
      await batchOf([three.repeat(21)]).expect(400),
    ];
    const told = [...answers.map(({ text }) => text), JSON.stringify(api.log), await storedText()].join('\n');
    expect(told).toContain(id);
    for (const key of KEYS) expect(told.includes(key)).toBe(false);
  });

  it('is read from a CSV, beside columns that are not', async () => {
    const csv = '\uFEFFAd;Patient Key;yaş\r\nIşıl;"4";40\r\nAda;3;41\r\nIşıl;04;40\r\nEce;\r\nİnci;4;39\r\n';
    expect(inShort(await ended(csvOf(api, csv)))).toEqual([
      '2 DELETED',
      '3 DELETED',
      '4 INVALID',
      '5 INVALID',
      '6 DUPLICATE',
    ]);
    expect(await Promise.all(['3', '4', '2'].map(isThere))).toEqual([false, false, true]);
  });

  it('finds a patient again on the far side of ten thousand lines', async () => {
    const lines = ['key', '2', ...Array.from({ length: 10_000 }, (_, at) => `${at + 5}`), '2'];
    const { batchId } = (await csvOf(api, lines.join('\n'), 'dryRun=true').expect(202)).body as Batch;
    const { counts } = await endOf(api, batchId);
    expect(counts).toMatchObject({ WOULD_DELETE: 1, DUPLICATE: 1, INVALID: 10_000 });
    const [last] = await itemsOf(api, batchId, '&state=DUPLICATE');
    expect(last).toMatchObject({ line: 10_003, firstLine: 2, patientId: await pseudonymOf('2') });
  });

  it('is found again by its Idempotency-Key for the same patients, and refused for others', async () => {
    const key = randomUUID();
    const again = (keys: string[]) => batchOf(keys, { dryRun: true }).set('Idempotency-Key', key);
    const made = await again(['2', '1']).expect(202);
    const repeated = await again(['2', '1']).expect(202);
    expect(repeated.headers).toMatchObject({
      location: made.headers['location'],
      'idempotency-replayed': 'true',
    });
    expectProblem(await again(['1', '2']), 422, 'IDEMPOTENCY_KEY_REUSED', {});
  });

  it('is refused with ids and keys at once, in JSON and in a CSV', async () => {
    const id = await pseudonymOf('2');
    expect((await batchOf(['2'], { patientIds: [id] })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'patientKeys', message: 'must be left out where patientIds is there' }],
    });
    const both = await csvOf(api, `id,key\n${id},2\n`);
    expect(both.body).toMatchObject({
      code: 'BATCH_LIST_UNREADABLE',
      detail: expect.stringContaining('is of patient ids and one of keys; leave one') as unknown,
    });
    for (const wrong of [[], 'x', [7], [['2']], null])
      expect((await batchOf(wrong)).body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect((await batchOf(undefined)).body).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(await isThere('2')).toBe(true);
  });
});

describe('delete-batch by the hospital’s keys', () => {
  const before = { ...process.env };
  let folder: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const declaration = join(folder, 'silgi.yaml');
    await writeFile(declaration, DECLARATION);
    Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: folder, DECLARATION: declaration });
  });
  afterAll(() => {
    process.env = before;
  });

  it('deletes, and its report names lines and pseudonyms, and no key', async () => {
    const [list, report] = [join(folder, 'list.csv'), join(folder, 'report.csv')];
    await writeFile(list, `patient_key\n${KEYS[3]}\n${KEYS[3]}\n88\n1\n007\n`);
    const why = ['--reason', 'RETENTION_EXPIRED', '--legal-basis', 'KVKK_ART_7'];
    const run = await runInProcess(deleteBatchCommand(), list, ...why, '--yes', '--report', report);
    expect([run.code, run.said]).toEqual([1, expect.stringContaining('2 DELETED, 2 INVALID, 1 DUPLICATE')]);
    const id = await pseudonymOf(KEYS[3]);
    const reported = await readFile(report, 'utf8');
    expect(reported.trimEnd().split('\r\n')).toEqual([
      'line,patientId,state,code,detail',
      `3,${id},DUPLICATE,,"The patient stands on line 2 already."`,
      `4,,INVALID,,"${NOBODYS}"`,
      `6,,INVALID,,"${NO_SUCH_TEXT}"`,
    ]);
    expect(`${run.said}${reported}`).not.toContain(KEYS[3]);
    expect(await Promise.all([KEYS[3], '1', '2'].map(isThere))).toEqual([false, false, true]);
  });
});
