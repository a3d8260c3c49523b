import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { parse } from 'yaml';
import { applyPlan, planOf } from '../../src/adoption/index.js';
import { readDeclaration } from '../../src/declaration/index.js';
import {
  ConfigurationError,
  getSilgiToken,
  Silgi,
  SilgiModule,
  type SilgiOptions,
  ValidationFailed,
} from '../../src/library/index.js';
import { DECLARATION, HOSPITAL, PEOPLE, ROWS_OF_ONE, SILENT } from '../adopted/hospital.stage.js';
import { today } from '../orchestrator/request.stage.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { DELETION, REQUESTED_BY, sessionsOfSilgi, withoutHttp } from './hospital.js';

/** What the file says, as an application written in JavaScript has it. */
const content = () => parse(DECLARATION) as Record<string, Record<string, unknown>>;

let database: TestDatabase;
let context: INestApplicationContext;
let silgi: Silgi;

const options = (declaration: string | object): SilgiOptions => ({
  database: { url: database.url },
  declaration,
});

beforeAll(async () => {
  database = await createEmptyDatabase();
  await database.query(HOSPITAL);
  await database.query(PEOPLE);
  const plan = await planOf(database.url, readDeclaration(DECLARATION, 'silgi.yaml'));
  await applyPlan(database.url, plan, SILENT, () => undefined);
  context = await withoutHttp(SilgiModule.forRoot({ ...options(content()), batches: { concurrency: 2 } }));
  silgi = context.get(Silgi);
});

afterAll(async () => {
  await context.close();
  // The server is a moment behind.
  await until(async () => (await sessionsOfSilgi(database)) === 0);
  await database.drop();
});

describe('an application that holds Silgi on its own tables', () => {
  it('finds a patient by its own key, deletes him, and finds that he is deleted', async () => {
    expect(await silgi.readiness()).toMatchObject({ status: 'ready' });
    const found = await silgi.findPatient('2');
    expect(found).toEqual({ patientId: expect.any(String), state: 'live' });
    const patientId = found?.patientId ?? '';
    const { answer } = await silgi.deletePatient({ patientId, ...DELETION });
    const rows = Object.values(ROWS_OF_ONE).reduce((sum, each) => sum + each);
    expect(answer).toMatchObject({ patientId, totalRows: rows });
    expect(await silgi.findPatient('2')).toEqual({ patientId, state: 'deleted' });
    expect(await database.query('SELECT FROM his.person WHERE person_no = 2')).toEqual([]);
    expect(await silgi.integrity()).toMatchObject({ healthy: true });
  });

  it('finds nobody by a key that is not written as its database writes it', async () => {
    for (const key of ['02', '2.0', ' 2', '99', '9223372036854775808', 'x', ''])
      expect([key, await silgi.findPatient(key)]).toEqual([key, undefined]);
    await expect(silgi.findPatient(2 as unknown as string)).rejects.toThrow(ValidationFailed);
  });

  it('deletes a list of its own keys', async () => {
    const patientKeys = ['3', '03', '9', '3'];
    const { batchId } = await silgi.batches.create({ patientKeys, ...DELETION, dryRun: false });
    await until(async () => (await silgi.batches.get(batchId)).endedAt !== null);
    const items = await silgi.batches.items(batchId, { limit: 9 });
    expect(items.map(({ state }) => state)).toEqual(['DELETED', 'INVALID', 'INVALID', 'DUPLICATE']);
    expect(await silgi.findPatient('3')).toEqual({ patientId: items[0]?.patientId, state: 'deleted' });
    for (const named of [{ patientIds: [], patientKeys }, {}])
      await expect(silgi.batches.create({ ...named, ...DELETION, dryRun: true })).rejects.toThrow(
        ValidationFailed,
      );
  });

  it('holds a patient of its own, and records his request, as the service does', async () => {
    const patientId = (await silgi.findPatient('4'))?.patientId ?? '';
    const received = {
      patientId,
      receivedOn: today(),
      channel: 'PORTAL',
      requestedBy: REQUESTED_BY,
    } as const;
    const { erasureRequestId } = (await silgi.erasureRequests.record(received)).request;
    const case7 = { patientId, ground: 'REGULATOR', reference: '7/26', requestedBy: REQUESTED_BY } as const;
    const { holdId } = (await silgi.legalHolds.place(case7)).hold;
    expect(await silgi.erasureRequests.get(erasureRequestId)).toMatchObject({ state: 'DEFERRED' });
    const remove = () => silgi.deletePatient({ patientId, ...DELETION, erasureRequestId });
    await expect(remove()).rejects.toMatchObject({ blockers: [{ code: 'LEGAL_HOLD' }] });
    const over = { patientId, holdId, ground: 'PERIOD_OVER', requestedBy: REQUESTED_BY } as const;
    await silgi.legalHolds.release(over);
    const { deletionId } = (await remove()).answer;
    expect(await silgi.erasureRequests.get(erasureRequestId)).toMatchObject({
      state: 'FULFILLED',
      deletionId,
    });
    expect(await silgi.integrity()).toMatchObject({ healthy: true });
  });

  it('may hold another Silgi that is told the same, by a file', async () => {
    const path = join(await temporaryFolder(), 'silgi.yaml');
    await writeFile(path, `# reviewed\n${DECLARATION}`);
    const other = await withoutHttp(SilgiModule.forRoot({ name: 'other', ...options(path) }));
    expect(await other.get<Silgi>(getSilgiToken('other')).findPatient('1')).toMatchObject({ state: 'live' });
    await other.close();
  });
});

describe('the start of an application', () => {
  const start = (declaration: string | object | undefined) =>
    withoutHttp(
      SilgiModule.forRoot({
        database: { url: database.url },
        ...(declaration !== undefined && { declaration }),
      }),
    );

  it.each<[string, () => string | object | undefined, RegExp]>([
    [
      'another declaration than is in force',
      () => ({ ...content(), reference: ['his.ward', 'his.other'] }),
      /^Another declaration is in force in this process: every Silgi in it must be told the same one\.$/,
    ],
    ['none where one is in force', () => undefined, /^Another declaration is in force in this process/],
    ['a file that is not there', () => '/nowhere/silgi.yaml', /^declaration must name a file .*ENOENT/],
    ['the path of no file', () => '', /^declaration must name a file/],
    [
      'an empty object',
      () => ({}),
      /^declaration: silgi: .*\ndeclaration: database: is missing\ndeclaration: patient: is missing\nThe declaration is not in force/,
    ],
    ['a list', () => [], /^declaration: the file: .*expected object/],
    [
      'what is no data',
      () => {
        const circle = content();
        circle['kept'] = circle;
        return circle;
      },
      /^declaration: cannot be written as JSON/,
    ],
    [
      'a table in two places, and a field that is not known',
      () => ({ ...content(), kept: { 'his.visit': { reason: 'r', because: 1 } } }),
      /^declaration: kept \/ his\.visit \/ because: is not known here\ndeclaration: his\.visit: stands in two places: at tables \/ his\.visit already\n/,
    ],
    [
      'what is not decided',
      () => ({ ...content(), patient: { ...content()['patient'], decide: ['which key?'] } }),
      /^declaration: patient: not decided: which key\?\n/,
    ],
  ])('is stopped with every reason by %s', async (_, declaration, message) => {
    const stopped = start(declaration());
    await expect(stopped).rejects.toThrow(ConfigurationError);
    await expect(stopped).rejects.toThrow(message);
  });
});
