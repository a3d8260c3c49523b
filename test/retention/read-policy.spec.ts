import { describe, expect, it } from '@jest/globals';
// The entities declare the tables.
import '../../src/app.module.js';
import { RETENTION_GROUNDS } from '../../src/common/index.js';
import { PolicyRefused, readRetentionPolicy } from '../../src/retention/index.js';
import { patientOwnedTables } from '../../src/shards/index.js';
import { SAME, WHOLE } from './examples.js';

const TODAY = '2026-12-01';
const read = (text: string) => readRetentionPolicy(text, 'policy.yaml', TODAY);

/** What is said of it, line by line. */
function refusalOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof PolicyRefused) return error.lines;
    throw error;
  }
  return [];
}

/** The whole example with some of its text put right or wrong. */
function changed(...edits: [from: string, to: string][]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text.split(from)).toHaveLength(2);
    return text.replace(from, to);
  }, WHOLE);
}

const keepOf = (keep: string) =>
  read(changed(['keep: P18M', `keep: ${keep}`])).rules.find(({ resourceType }) => resourceType === 'Supply')
    ?.keep;

describe('a retention policy', () => {
  it('is read whole, with a rule for each table but the patient’s own', () => {
    const policy = read(WHOLE);
    expect(policy).toMatchObject({
      isDefault: false,
      signedOff: { by: 'Dr. A. Yılmaz, data controller', on: '2026-11-30' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(policy.rules.map(({ shard, table }) => `${shard}.${table}`)).toEqual(
      patientOwnedTables()
        .filter(({ resourceType }) => resourceType !== 'PatientDemographics')
        .map(({ shard, table }) => `${shard}.${table}`),
    );
    expect(policy.rules.find(({ resourceType }) => resourceType === 'Invoice')).toEqual({
      resourceType: 'Invoice',
      shard: 'finance',
      table: 'sharded_fatura',
      keep: 'P10Y',
      from: 'END_OF_YEAR',
      dates: ['last_billed_at', 'service_at'],
      ground: 'COMMERCIAL_RECORDS',
    });
  });

  it('that nobody has signed off is read as well', () => {
    const [line = ''] = /^signedOff.*\n/m.exec(WHOLE) ?? [];
    expect(read(changed([line, ''])).signedOff).toBeNull();
  });

  it('has the digest of its content, whatever the order and the spelling of the file', () => {
    expect(read(SAME)).toEqual(read(WHOLE));
  });

  it.each<[string, [from: string, to: string]]>([
    ['a period', ['keep: P18M', 'keep: P19M']],
    ['a beginning', ['P18M, from: ROW', 'P18M, from: END_OF_YEAR']],
    ['a date', ['dates: [last_billed_at, service_at]', 'dates: [last_billed_at]']],
    ['a ground', ['ground: CONTRACT', 'ground: OTHER_LAW']],
    ['who signed', ['Dr. A. Yılmaz', 'Dr. A. Yilmaz']],
    ['when it was signed', ['on: 2026-11-30', 'on: 2026-11-29']],
  ])('with another one of each has another digest: %s', (_, edit) => {
    expect(read(changed(edit)).digest).not.toBe(read(WHOLE).digest);
  });

  it('names who signed by the composed letters, however they were typed', () => {
    const typed = 'Çiğdem İnönü'.normalize('NFD');
    expect(typed).not.toBe('Çiğdem İnönü');
    const policy = read(changed(['Dr. A. Yılmaz, data controller', typed]));
    expect(policy.signedOff?.by).toBe('Çiğdem İnönü');
    expect(read(changed(['Dr. A. Yılmaz, data controller', 'ş'.repeat(200)])).signedOff?.by).toHaveLength(
      200,
    );
  });

  it('may be signed off today, and on a leap day', () => {
    expect(read(changed(['on: 2026-11-30', `on: ${TODAY}`])).signedOff?.on).toBe(TODAY);
    expect(read(changed(['on: 2026-11-30', 'on: 2024-02-29'])).signedOff?.on).toBe('2024-02-29');
  });

  it.each([
    ['P0D', 'P0D'],
    ['P0Y0M', 'P0D'],
    ['P100Y', 'P100Y'],
    ['P1200M', 'P100Y'],
    ['P36524D', 'P36524D'],
    ['P6M', 'P6M'],
    ['P90D', 'P90D'],
    ['P1Y14M3D', 'P2Y2M3D'],
    ['P00007D', 'P7D'],
  ])('keeps for %s, which is %s', (given, kept) => {
    expect(keepOf(given)).toBe(kept);
  });

  it('may rest on each of the grounds', () => {
    for (const ground of RETENTION_GROUNDS)
      expect(refusalOf(changed(['ground: CONTRACT', `ground: ${ground}`]))).toEqual([]);
  });
});

const KEEP =
  'rules / Supply / keep: must be whole years, months or days from P0D up to P100Y, such as P20Y, P18M or P1Y6M';
const SIGNER = 'signedOff / by: must be one line of 1 to 200 characters, all of them visible';
const DAY = '3:56: signedOff / on: must be a calendar date such as 2026-11-30';

describe('a file is refused, with file, line and column, where', () => {
  it.each<[string, [string, string][], string]>([
    ['a key is not known', [['version: 1', 'version: 1\nrule: 1']], '3:1: rule: is not known here'],
    ['a key stands twice', [['version: 1', 'version: 1\nversion: 1']], '3:1: Map keys must be unique'],
    ['it is of another version', [['version: 1', 'version: 2']], '2:10: version: must be 1'],
    ['it has no version', [['version: 1\n', '']], '2:1: version: must be 1'],
    [
      'a type has no rule',
      [[/ {2}Supply.*\n/.exec(WHOLE)?.[0] ?? '', '']],
      '4:1: rules / Supply: is missing',
    ],
    [
      'a type has an empty one',
      [[/Device: .*/.exec(WHOLE)?.[0] ?? '', 'Device:']],
      '7:10: rules / Device: expected object, received null',
    ],
    ['a type is not known', [['  Supply: ', '  Supplies: ']], '14:3: rules / Supplies: is not known here'],
    [
      'the patient’s own has a rule',
      [['rules:\n', 'rules:\n  PatientDemographics: { keep: P1Y }\n']],
      '5:24: rules / PatientDemographics: has no rule: the patient’s own record goes last, when nothing else of him remains; take it out',
    ],
    [
      'a key of a rule is not known',
      [['P18M, from', 'P18M, form: ROW, from']],
      '14:31: rules / Supply / form: is not known here',
    ],
    ['it is not said for how long', [['keep: P18M, ', '']], '14:3: rules / Supply / keep: is missing'],
    [
      'the period is a number',
      [['P18M', '18']],
      '14:25: rules / Supply / keep: expected string, received number',
    ],
    ['the period is in weeks', [['P18M', 'P4W']], `14:25: ${KEEP}`],
    ['the period is in hours', [['P18M', 'PT4H']], `14:25: ${KEEP}`],
    ['the period is a fraction', [['P18M', 'P1.5Y']], `14:25: ${KEEP}`],
    ['the period is below nothing', [['P18M', 'P-1Y']], `14:25: ${KEEP}`],
    ['the period is none', [['P18M', 'P']], `14:25: ${KEEP}`],
    ['the period is in small letters', [['P18M', 'p18m']], `14:25: ${KEEP}`],
    ['the period is in another order', [['P18M', 'P6M1Y']], `14:25: ${KEEP}`],
    ['the period is one day too long', [['P18M', 'P100Y1D']], `14:25: ${KEEP}`],
    ['the period is too long in months', [['P18M', 'P1201M']], `14:25: ${KEEP}`],
    ['the period is too long in days', [['P18M', 'P36525D']], `14:25: ${KEEP}`],
    ['the period has too many digits', [['P18M', 'P000001D']], `14:25: ${KEEP}`],
    [
      'the period begins elsewhere',
      [['P18M, from: ROW', 'P18M, from: CREATION']],
      '14:37: rules / Supply / from: expected one of "ROW"|"END_OF_YEAR"|"LAST_CONTACT"',
    ],
    [
      'it is not said from when on',
      [['P18M, from: ROW', 'P18M']],
      '14:3: rules / Supply / from: expected one of "ROW"',
    ],
    ['there are no dates', [['dates: [supplied_on], ', '']], '14:3: rules / Supply / dates: is missing'],
    [
      'the list of dates is empty',
      [['[supplied_on]', '[]']],
      '14:49: rules / Supply / dates: must name a column: the dates of sharded_malzeme are supplied_on',
    ],
    [
      'the dates are no list',
      [['[supplied_on]', 'supplied_on']],
      '14:49: rules / Supply / dates: expected array, received string',
    ],
    [
      'a date is no name',
      [['[supplied_on]', '[supplied_on, 7]']],
      '14:63: rules / Supply / dates / 1: must be the name of a column',
    ],
    [
      'a date is no column',
      [['[onset_date]', '[onset]']],
      '8:59: rules / Diagnosis / dates / 0: onset is no column of sharded_tani: the dates of sharded_tani are onset_date, resolved_date',
    ],
    [
      'a date is the name of a property',
      [['[onset_date]', '[onsetDate]']],
      '8:59: rules / Diagnosis / dates / 0: onsetDate is no column',
    ],
    [
      'a date is of another table',
      [['[onset_date]', '[supplied_on]']],
      '8:59: rules / Diagnosis / dates / 0: supplied_on is no column',
    ],
    [
      'a date is of every object',
      [['[onset_date]', '[constructor]']],
      '8:59: rules / Diagnosis / dates / 0: constructor is no column',
    ],
    [
      'a date holds none',
      [['[onset_date]', '[onset_date, code]']],
      '8:71: rules / Diagnosis / dates / 1: code holds no date, but text',
    ],
    [
      'a date is the patient',
      [['[onset_date]', '[patient_id]']],
      '8:59: rules / Diagnosis / dates / 0: patient_id holds no date, but uuid',
    ],
    [
      'a date is a mark',
      [['[onset_date]', '[deleted_at]']],
      '8:59: rules / Diagnosis / dates / 0: deleted_at is a mark of the deletion, and no date of the row',
    ],
    [
      'a date is named twice',
      [['[onset_date]', '[onset_date, onset_date]']],
      '8:71: rules / Diagnosis / dates / 1: onset_date is named twice',
    ],
    [
      'the ground is none of the codes',
      [['ground: CONTRACT', 'ground: "GDPR 17"']],
      '14:72: rules / Supply / ground: expected one of "HEALTH_RECORDS"|"FORENSIC"|"COMMERCIAL_RECORDS"|"TAX_RECORDS"|"INSURANCE"|"CONTRACT"|"OTHER_LAW"',
    ],
    ['nobody signs', [['by: "Dr. A. Yılmaz, data controller", ', '']], '3:1: signedOff / by: is missing'],
    ['whoever signs has no name', [['"Dr. A. Yılmaz, data controller"', '""']], `3:18: ${SIGNER}`],
    ['the name is of blanks', [['"Dr. A. Yılmaz, data controller"', '"  "']], `3:18: ${SIGNER}`],
    ['the name is too long', [['Dr. A. Yılmaz, data controller', 'ş'.repeat(201)]], `3:18: ${SIGNER}`],
    ['the name is of two lines', [['Dr. A. Yılmaz', 'Dr. A.\\nYılmaz']], `3:18: ${SIGNER}`],
    ['the name turns the text round', [['Dr. A.', 'Dr. \\u202E']], `3:18: ${SIGNER}`],
    ['it is signed on no day', [[', on: 2026-11-30', '']], '3:1: signedOff / on: is missing'],
    ['it is signed on a day that is none', [['2026-11-30', '2026-11-31']], DAY],
    ['it is signed on a leap day that is none', [['2026-11-30', '2026-02-29']], DAY],
    ['it is signed at a time', [['2026-11-30', '2026-11-30T10:00:00Z']], DAY],
    [
      'it is signed tomorrow',
      [['2026-11-30', '2026-12-02']],
      '3:56: signedOff / on: is in the future: today is 2026-12-01',
    ],
    [
      'something of the sign-off is not known',
      [['by: "Dr.', 'as: x, by: "Dr.']],
      '3:14: signedOff / as: is not known here',
    ],
    [
      'a rule stands there by an alias',
      [[/Device: .*/.exec(WHOLE)?.[0] ?? '', 'Device: *supply']],
      '7:11: an alias is not followed here',
    ],
  ])('%s', (_, edits, line) => {
    const lines = refusalOf(changed(...edits));
    expect(lines).toContainEqual(expect.stringContaining(`policy.yaml:${line}`));
    for (const one of lines) expect(one).toMatch(/^policy\.yaml:\d+:\d+: \S/);
  });

  it('it is no YAML, or nothing at all', () => {
    expect(refusalOf('version: [1')[0]).toMatch(/^policy\.yaml:1:\d+: /);
    expect(refusalOf('')).toEqual(['policy.yaml:1:1: the file: expected object, received null']);
    expect(refusalOf('version: 1\n')).toEqual(['policy.yaml:1:1: rules: is missing']);
  });

  it('several things are wrong: every one has its line, in the order of the file', () => {
    const lines = refusalOf(
      changed(
        ['version: 1', 'version: 1\nversion: 2'],
        ['2026-11-30', '2027-01-01'],
        ['[resolved_date]', '[resolved_date, resolved_date, id, onset]'],
        ['keep: P30Y6M', 'keep: forever'],
        ['  Supply: ', '  Supplies: '],
        ['ground: COMMERCIAL_RECORDS', 'ground: BECAUSE'],
      ),
    );
    expect(lines.map((line) => line.replace(/^policy\.yaml:(\d+):\d+: (.*?):? .*$/, '$1 $2'))).toEqual([
      '2 version',
      '3 Map',
      '4 signedOff',
      '5 rules',
      '6 rules',
      '6 rules',
      '6 rules',
      '8 rules',
      '15 rules',
      '23 rules',
    ]);
  });
});
