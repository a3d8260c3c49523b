import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deletionOf, restorationOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';

/** A type that a hospital may have, and SQL for random values of it: `seed` is a random whole number of the row. */
interface ColumnType {
  readonly type: string;
  readonly value: (random: () => number) => string;
}

const pick = (random: () => number, ...values: string[]) => values[random() % values.length] ?? 'NULL';
const text = (random: () => number) =>
  pick(
    random,
    `''`,
    `' '`,
    `'Işıl Ğ ''x'' "y" \\, {} ()'`,
    `E'line\\nfeed\\ttab'`,
    `'😀 a\u0301'`,
    `md5('${random()}')`,
  );

const TYPES: Readonly<Record<string, ColumnType>> = {
  small: { type: 'smallint', value: (r) => pick(r, '-32768', '0', '32767') },
  big: { type: 'bigint', value: (r) => pick(r, '-9223372036854775808', '9223372036854775807', String(r())) },
  amount: {
    type: 'numeric',
    value: (r) =>
      pick(
        r,
        `'NaN'`,
        `'Infinity'`,
        `'-Infinity'`,
        '0.00',
        '-0.000000000000000000000000000001',
        `repeat('9', 2000)::numeric`,
      ),
  },
  scaled: { type: 'numeric(9, -2)', value: (r) => String(r() % 100_000) },
  money: { type: 'money', value: (r) => `${r() % 1000}.5::numeric::money` },
  real: {
    type: 'real',
    value: (r) => pick(r, `'NaN'`, `'-0'`, `'Infinity'`, '1.17549435e-38', '3.4028235e38'),
  },
  double: {
    type: 'double precision',
    value: (r) => pick(r, `'NaN'`, `'-0'`, `'-Infinity'`, '5e-324', '0.1'),
  },
  yes: { type: 'boolean', value: (r) => pick(r, 'true', 'false') },
  line: { type: 'text', value: text },
  cell: { type: 'varchar(40)', value: (r) => `left(${text(r)}, 40)` },
  padded: { type: 'char(7)', value: (r) => pick(r, `'a'`, `'a  b'`, `''`) },
  byte: { type: '"char"', value: (r) => pick(r, `'x'`, `''`) },
  label: { type: 'name', value: (r) => pick(r, `'İşlem'`, `''`) },
  bare: { type: 'text COLLATE "C"', value: text },
  day: {
    type: 'date',
    value: (r) => pick(r, `'infinity'`, `'-infinity'`, `'0044-03-15 BC'`, `'2024-02-29'`),
  },
  at: {
    type: 'timestamptz',
    value: (r) =>
      pick(r, `'infinity'`, `'-infinity'`, `'0044-03-15 00:00 BC'`, `'2026-10-25 00:30:00.000001+00'`),
  },
  local: { type: 'timestamp(3)', value: (r) => pick(r, `'infinity'`, `'1999-12-31 23:59:59.9999'`) },
  clock: { type: 'timetz', value: (r) => pick(r, `'24:00:00+14'`, `'00:00:00.000001-12'`) },
  span: {
    type: 'interval',
    value: (r) => pick(r, `'1 mon -30 days 00:00:00.1'`, `'-178000000 years'`, `'0'`),
  },
  id: { type: 'uuid', value: () => 'gen_random_uuid()' },
  plain: { type: 'json', value: (r) => pick(r, `'{"b":1, "a": [1.0,null], "b":2}'`, `'  null'`, `'"x"'`) },
  binary: { type: 'jsonb', value: (r) => pick(r, `'{"b": 1.10, "a": {"ş": null}}'`, `'null'`, `'[]'`) },
  raw: { type: 'bytea', value: (r) => pick(r, `'\\x'`, `'\\x00ff00'`, `decode(md5('${r()}'), 'hex')`) },
  bits: { type: 'bit varying', value: (r) => pick(r, `B''`, `B'0101'`) },
  words: {
    type: 'text[]',
    value: (r) =>
      pick(
        r,
        `'{}'`,
        `ARRAY[NULL, '', 'NULL', 'a,"b\\', '{}']`,
        `ARRAY[ARRAY['a', NULL], ARRAY['b', 'c']]`,
        `'[-2:0]={x,y,z}'`,
      ),
  },
  spans: { type: 'int4range', value: (r) => pick(r, `'empty'`, `'(,)'`, `'[1,5)'`, `'[3,]'`) },
  gaps: {
    type: 'tstzmultirange',
    value: (r) => pick(r, `'{}'`, `'{[2024-01-01,2024-01-02),(2024-02-01,)}'`),
  },
  net: { type: 'inet', value: (r) => pick(r, `'10.0.0.0/8'`, `'::1'`) },
  mac: { type: 'macaddr8', value: () => `'08:00:2b:01:02:03:04:05'` },
  shape: { type: 'polygon', value: () => `'((0,0),(1,1e300),(-1,0.1))'` },
  spot: { type: 'point', value: () => `'(NaN,Infinity)'` },
  search: { type: 'tsvector', value: () => `$$'a':1A 'ş':2$$` },
  path: { type: 'jsonpath', value: () => `'$.a[*] ? (@.b > 1)'` },
  lsn: { type: 'pg_lsn', value: () => `'16/B374D848'` },
  kind: { type: 'his.triage', value: (r) => pick(r, `'green'`, `'yellow'`, `'red'`) },
  kinds: { type: 'his.triage[]', value: (r) => pick(r, `'{}'`, `ARRAY['red', NULL]::his.triage[]`) },
  note: { type: 'his.note_text', value: (r) => pick(r, `'a'`, `'ğ'`) },
  pair: {
    type: 'his.dose',
    value: (r) =>
      pick(r, `ROW(1.50, ARRAY['mg', NULL], ROW('2024-01-01', NULL)::his.since)`, `ROW(NULL, '{}', NULL)`),
  },
  pairs: { type: 'his.dose[]', value: () => `ARRAY[ROW(1, '{a}', NULL)::his.dose, NULL]` },
  large: {
    type: 'text',
    value: (r) =>
      `(SELECT string_agg(md5(i::text || '${r()}'), '') FROM generate_series(1, ${1 + (r() % 20_000)}) i)`,
  },
  picture: {
    type: 'bytea',
    value: (r) =>
      `(SELECT decode(string_agg(md5(i::text || '${r()}'), ''), 'hex') FROM generate_series(1, ${1 + (r() % 20_000)}) i)`,
  },
  outside: { type: 'text', value: (r) => `repeat('ö', ${r() % 100_000})` },
};
const COLUMNS = Object.keys(TYPES);
/** What the database fills in itself. */
const GIVEN = ['row_no', 'sum', 'number', 'shown', 'whole'];

const SCHEMA = `
  CREATE SCHEMA his;
  CREATE TYPE his.triage AS ENUM ('green', 'yellow', 'red');
  CREATE DOMAIN his.note_text AS text CHECK (value <> '');
  CREATE TYPE his.since AS (day date, note his.note_text);
  CREATE TYPE his.dose AS (amount numeric, units text[], since his.since);
  CREATE TABLE his.person (person_no bigint PRIMARY KEY, name text);
  CREATE TABLE his.everything (
    person_no bigint NOT NULL REFERENCES his.person, was_dropped text, row_no integer NOT NULL,
    ${Object.entries(TYPES)
      .map(([name, { type }]) => `"${name}" ${type}`)
      .join(', ')},
    sum bigint GENERATED ALWAYS AS (person_no * 2 + row_no) STORED,
    shown text GENERATED ALWAYS AS (upper(line COLLATE "C")) STORED,
    number integer GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3),
    whole text DEFAULT 'a default that nobody asks for');
  ALTER TABLE his.everything DROP COLUMN was_dropped, ALTER COLUMN outside SET STORAGE EXTERNAL;
  CREATE INDEX ON his.everything (person_no)`;

const DECLARATION = `
silgi: 1
database: { schemas: [his] }
patient:
  table: his.person
  key: { column: person_no, type: bigint }
  shard: patient
  resource: Person
  directory: { familyName: name }
tables:
  his.everything: { shard: clinical, resource: Everything, key: person_no, rowIdentity: none }`;

/** As the server writes it, and as it sends it: what is equal in both is equal. */
const bytesOf = (column: string) =>
  `md5(concat_ws('|', "${column}"::text, encode(record_send(ROW("${column}")), 'hex')))`;

let hospital: AdoptedHospital;
let person = 0;
beforeAll(async () => {
  hospital = await openAdopted({ schema: SCHEMA, people: 'SELECT', declaration: DECLARATION });
});
afterAll(() => hospital.close());

/** The rows of somebody, each column as a digest of its bytes; in the order of the rows' own numbers. */
function contents(table: string, of: number): Promise<Record<string, string>[]> {
  const columns = [...COLUMNS, ...GIVEN].map((column) => `${bytesOf(column)} AS "${column}"`);
  return hospital.database.query<Record<string, string>>(
    `SELECT ${columns.join(', ')} FROM ${table} e WHERE person_no = ${of} ORDER BY row_no, number`,
  );
}

describe('rows of every column type', () => {
  it('leave as they were and come back so, column by column and byte by byte, whatever is in them', async () => {
    const cell = fc.record({ isNull: fc.boolean(), seed: fc.nat() });
    const row = fc.tuple(...COLUMNS.map(() => cell));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
        const of = ++person;
        await hospital.database.query(`INSERT INTO his.person VALUES (${of}, 'Işıl')`);
        for (const [index, cells] of rows.entries()) {
          const values = cells.map(({ isNull, seed }, at) => {
            let state = seed;
            const random = () => (state = (state * 48_271 + 11) % 2_147_483_647);
            const { type, value } = TYPES[COLUMNS[at] ?? ''] as ColumnType;
            return isNull ? 'NULL' : `(${value(random)})::${type.replace(/ COLLATE.*/, '')}`;
          });
          await hospital.database.query(
            `INSERT INTO his.everything (person_no, row_no, whole, ${COLUMNS.map((name) => `"${name}"`).join(', ')})
             VALUES (${of}, ${index % 3}, NULL, ${values.join(', ')})`,
          );
        }
        const before = await contents('his.everything', of);
        expect(before).toHaveLength(rows.length);
        const patientId = await hospital.patientIdOf(of);
        const { answer } = await hospital.orchestrator.deletePatient(deletionOf(patientId));
        expect(answer.totalRows).toBe(rows.length + 1);
        // Nor does it matter that no table of one shard was declared.
        expect(answer.shards).toContainEqual({ shard: 'finance', resources: [] });
        expect(await contents('his.everything', of)).toEqual([]);
        expect(await contents('silgi_vault.his__everything', of)).toEqual(before);
        const { deletionId } = answer;
        await hospital.orchestrator.restorePatient(restorationOf({ patientId, deletionId }));
        expect(await contents('his.everything', of)).toEqual(before);
        expect(await contents('silgi_vault.his__everything', of)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('are each told apart from another value: the comparison sees a change of any column', async () => {
    const of = ++person;
    await hospital.database.query(`INSERT INTO his.person VALUES (${of}, 'Işıl')`);
    const one = () => 1;
    const values = COLUMNS.map((name) => `(${(TYPES[name] as ColumnType).value(one)})`);
    await hospital.database.query(
      `INSERT INTO his.everything (person_no, row_no, ${COLUMNS.map((name) => `"${name}"`).join(', ')})
       VALUES (${of}, 0, ${values.join(', ')})`,
    );
    const [before = {}] = await contents('his.everything', of);
    for (const column of COLUMNS) {
      await hospital.database.query(`UPDATE his.everything SET "${column}" = NULL WHERE person_no = ${of}`);
      const [after = {}] = await contents('his.everything', of);
      expect([column, after[column] === before[column]]).toEqual([column, false]);
    }
  });
});
