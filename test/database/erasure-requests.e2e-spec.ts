import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const REQUEST = 'patient.sharded_erasure_request';
const COLUMNS = `patient_id, erasure_request_id, received_on, channel, recorded_by, recorded_at, recorded_event_id`;
const VALUES = `gen_random_uuid(), gen_random_uuid(), '2026-11-20', 'KEP', 'x', now(), gen_random_uuid()`;
const EXTENSION = `extension_reason = 'COMPLEXITY', extended_by = 'x', extended_at = now(), extended_event_id = gen_random_uuid()`;
const REFUSAL = `closed_as = 'REFUSED', closing_ground = 'GDPR_ART_17_3_B', closed_by = 'x', closed_at = now(),
  closed_event_id = gen_random_uuid()`;
const DENIED = { code: '42501' };

let database: TestDatabase;
let session: Client;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  session = await database.connect();
  await session.query('BEGIN');
  await session.query('SET ROLE silgi_service');
});
afterEach(async () => {
  await session.query('ROLLBACK');
  await session.end();
});
afterAll(() => database.drop());

const record = (columns = COLUMNS, values = VALUES) =>
  session.query(`INSERT INTO ${REQUEST} (${columns}) VALUES (${values})`);
const change = async (what: string) => (await session.query(`UPDATE ${REQUEST} SET ${what}`)).rowCount;

describe('silgi_service', () => {
  it('records a request, extends it, and closes it once', async () => {
    await record();
    expect(await change(EXTENSION)).toBe(1);
    expect(await change(REFUSAL)).toBe(1);
    expect(await change(REFUSAL)).toBe(0);
    expect(await change(EXTENSION)).toBe(0);
    expect(await change('closed_as = NULL')).toBe(0);
  });

  it.each([
    [
      'extended',
      ', extension_reason, extended_by, extended_at, extended_event_id',
      `, 'COMPLEXITY', 'x', now(), gen_random_uuid()`,
    ],
    [
      'closed',
      ', closed_as, closing_ground, closed_by, closed_at, closed_event_id',
      `, 'WITHDRAWN', 'REQUEST_WITHDRAWN', 'x', now(), gen_random_uuid()`,
    ],
  ])('cannot record one that is %s from the beginning', async (_, columns, values) => {
    await expect(record(COLUMNS + columns, VALUES + values)).rejects.toMatchObject(DENIED);
  });

  it.each([
    `received_on = '2026-11-21'`,
    `channel = 'EMAIL'`,
    `recorded_by = 'y'`,
    'patient_id = gen_random_uuid()',
    'recorded_event_id = gen_random_uuid()',
  ])('cannot change what came: %s', async (what) => {
    await record();
    await expect(change(what)).rejects.toMatchObject(DENIED);
  });

  it('removes none', async () => {
    await expect(session.query(`DELETE FROM ${REQUEST}`)).rejects.toMatchObject(DENIED);
  });
});

describe('nobody', () => {
  it.each([
    ['an extension by nobody', `extension_reason = 'COMPLEXITY'`],
    ['a refusal without its ground', REFUSAL.replace(/closing_ground = '\w+', /, '')],
    ['a closing that is neither', REFUSAL.replace('REFUSED', 'FULFILLED')],
  ])('can write %s', async (_, what) => {
    await record();
    await session.query('RESET ROLE');
    await expect(change(what)).rejects.toMatchObject({ code: '23514' });
  });

  it('can say another day than the one by which it is due', async () => {
    await record();
    await session.query('RESET ROLE');
    await expect(change(`due_on = '2030-01-01'`)).rejects.toMatchObject({ code: '428C9' });
  });
});
