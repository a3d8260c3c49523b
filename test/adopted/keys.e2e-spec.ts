import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, EntityManager } from 'typeorm';
import { PatientList } from '../../src/batch/index.js';
import { ofPseudonyms } from '../../src/batch/list.of.keys.js';
import { adoptedPage } from '../../src/patient/adopted.patients.js';
import { isKeyText, pseudonymsOf } from '../../src/patient/index.js';
import { type AdoptedTables, adoptTables } from '../../src/shards/index.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { explainAll, nodesOf, plansOf } from '../support/plans.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

const LONG = 'x'.repeat(201);
const UUID = '0198c5a2-7d1e-4c3b-9f60-2b7a51e0c914';
const PATIENT = '11111111-2222-4333-8444-555555555555';
const INTEGERS = ['7', '-7', '0'];
const NO_INTEGERS = ['', '07', '+7', ' 7', '7 ', '-0', '7.0', '7e0', '0x7', '1_0', 'NULL', '٧', LONG];

/** Tables of which nothing but the key matters. */
function tablesWith(keyType: string): AdoptedTables {
  const root = { schema: 'public', table: 'person' };
  return {
    root,
    owned: [],
    kept: [],
    schemas: [],
    keyColumn: 'no',
    keyType,
    shown: {},
  } as unknown as AdoptedTables;
}

/** A process has one declaration. */
const inForce = tablesWith('');

/** The hospital's patients and their pseudonyms, with a key of this type. */
async function hospitalOf(database: TestDatabase, type: string, keys: readonly string[]): Promise<void> {
  await database.query(`
    DROP SCHEMA IF EXISTS silgi CASCADE;
    DROP TABLE IF EXISTS public.person;
    CREATE TABLE public.person (no ${type} PRIMARY KEY);
    CREATE SCHEMA silgi;
    CREATE TABLE silgi.patient_anchor (patient_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), patient_key ${type} NOT NULL UNIQUE,
      is_deleted boolean NOT NULL DEFAULT false, deletion_id uuid);
    GRANT USAGE ON SCHEMA silgi TO silgi_service;
    GRANT SELECT ON silgi.patient_anchor, public.person TO silgi_service`);
  await database.query(`INSERT INTO public.person SELECT unnest($1::text[])::${type.split(' ')[0] ?? ''}`, [
    keys,
  ]);
  await database.query('INSERT INTO silgi.patient_anchor (patient_key) SELECT no FROM public.person');
}

let silgi: Silgi;
let inLatin5: Silgi;

// Both before a declaration is in force, as a database without pseudonyms is not opened behind it.
beforeAll(async () => {
  inLatin5 = await openSilgi({ database: await createEmptyDatabase("ENCODING 'LATIN5' LOCALE 'C'") });
  const database = await createTestDatabase();
  await explainAll(database);
  await database.query(
    `CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  );
  silgi = await openSilgi({ database });
});
afterAll(async () => {
  await silgi.close();
  await inLatin5.close();
});

describe('a patient’s key', () => {
  it.each<[type: string, keyType: string, own: string[], nobodys: string[], never: string[]]>([
    ['smallint', 'integer', INTEGERS, ['8', '32768'], ['2147483648', '-2147483649', ...NO_INTEGERS]],
    ['integer', 'integer', ['2147483647', '-2147483648', ...INTEGERS], ['8'], ['2147483648', ...NO_INTEGERS]],
    [
      'bigint',
      'bigint',
      ['9223372036854775807', ...INTEGERS],
      ['8'],
      ['9223372036854775808', ...NO_INTEGERS],
    ],
    [
      'numeric',
      'numeric',
      ['7', '8.50', '-0.5'],
      ['7.0', '8.5', '08.50', '-0'],
      ['', '7e0', ' 7', 'NaN', '.5', LONG],
    ],
    ['numeric(6,2)', 'numeric', ['7.00', '8.50'], ['7', '8.5', '123456789.00'], ['x']],
    [
      'uuid',
      'uuid',
      [UUID],
      [PATIENT],
      [UUID.toUpperCase(), `{${UUID}}`, UUID.replaceAll('-', ''), ` ${UUID}`],
    ],
    [
      'text',
      'text',
      ['a', ' a', 'A', 'İ-1', 'NULL', '007'],
      ['b', '7', 'a ', "'"],
      ['', LONG, '\0', '\ud800', 'a\ufffd'],
    ],
    ['varchar(9)', 'text', ['a', 'Ş1'], ['b', 'longer than nine'], ['']],
    ['text COLLATE public.any_case', 'text', ['anna', 'Ömer'], ['ANNA', 'Anna', 'ömer'], ['']],
  ])('of %s (%s) counts by its very text alone', async (type, keyType, own, nobodys, never) => {
    const adopted = tablesWith(keyType);
    await hospitalOf(silgi.database, type, own);
    // A session of its own: one that has read a column of another type before would not read this one.
    const source = await new DataSource({ type: 'postgres', url: silgi.database.url }).initialize();
    const { manager: apart } = source;
    const asked = [...own, ...nobodys];
    for (const key of asked) expect([key, isKeyText(adopted, key)]).toEqual([key, true]);
    for (const key of never) expect([key, isKeyText(adopted, key)]).toEqual([key, false]);
    const found = await pseudonymsOf(apart, adopted, asked);
    expect(asked.filter((key) => found.has(key))).toEqual(own);
    expect(new Set(found.values()).size).toBe(own.length);
    const pageOf = (key: string) =>
      adoptedPage(apart, adopted, { key, state: undefined, after: undefined, limit: 2 });
    for (const key of own)
      expect(await pageOf(key)).toEqual([expect.objectContaining({ patientId: found.get(key) })]);
    for (const key of [...nobodys, ...never]) expect([key, await pageOf(key)]).toEqual([key, []]);
    await source.destroy();
  });

  it('is looked up in an index, whatever the statistics say, and some thousands at once', async () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `${at}`);
    await hospitalOf(silgi.database, 'bigint', keys.slice(0, 2));
    await silgi.database.query('ANALYZE silgi.patient_anchor');
    await silgi.database.query(
      `ALTER TABLE silgi.patient_anchor SET (autovacuum_enabled = off);
       INSERT INTO silgi.patient_anchor (patient_key) SELECT generate_series(2, 19999)`,
    );
    adoptTables(Object.assign(inForce, tablesWith('bigint')));
    const list = PatientList.of({ patientKeys: [...keys, 'x', '20000'] });
    let translated = new PatientList();
    const plans = await plansOf(silgi.app, async () => {
      translated = await ofPseudonyms(silgi.app.get(EntityManager), list);
    });
    const nodes = plans.flatMap(({ Plan }) => nodesOf(Plan)).filter((node) => 'Relation Name' in node);
    const scans = nodes.map((node) => node['Node Type']);
    expect(scans).toEqual(Array(5).fill('Index Scan'));
    const lines = [...translated.pieces(30_000)].flat();
    expect(new Set(lines.map(({ patientId }) => patientId)).size).toBe(20_001);
    expect(lines.slice(-2).map(({ reason }) => reason)).toEqual([
      'What stands here is not a key as the hospital’s database writes one.',
      'No patient has this key.',
    ]);
  });
});

describe('a list of keys in a database that is not in UTF-8', () => {
  it('names the one line whose key the database cannot hold, and finds all others', async () => {
    await hospitalOf(inLatin5.database, 'text', ['Ş-1', 'ı']);
    adoptTables(Object.assign(inForce, tablesWith('text')));
    const patientKeys = ['Ş-1', '漢', 'ı', 'x', '漢'];
    const list = await ofPseudonyms(inLatin5.app.get(EntityManager), PatientList.of({ patientKeys }));
    const reasons = [...list.pieces(9)].flat().map(({ reason }) => reason);
    const nobodys = 'No patient has this key.';
    expect(reasons).toEqual(['', nobodys, '', nobodys, nobodys]);
  });
});
