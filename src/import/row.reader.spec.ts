import { describe, expect, it } from '@jest/globals';
import { MAPPINGS } from './mappings.js';
import { HeaderProblem, type Reading, RowReader } from './row.reader.js';

const PATIENT = '53b794f0-9f48-97ba-3c6e-8ef4b7c1f141';
const OTHER = '00000000-0000-0000-0000-00000000000b';
const ENCOUNTER = '4dc10a8e-173a-15f1-80ba-a4d1662ed2e5';

function read(file: string, ...rows: [header: string, record: string]): Reading {
  const mapping = MAPPINGS.find((candidate) => candidate.file === file);
  if (mapping === undefined) throw new Error(`No mapping for ${file}.`);
  const [header, record] = rows;
  return new RowReader(mapping, header.split(',')).read(record.split(','));
}

const CONDITIONS = 'START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION';
const CONDITION = `2001-06-08,,${PATIENT},${ENCOUNTER},473461003,Educated`;

describe('reading a row', () => {
  it('goes by the header, not by the position; case and further columns make no difference', () => {
    const first = read('conditions', CONDITIONS, CONDITION);
    const turned = read(
      'conditions',
      'extra,Description,code,EncounTer,Patient,stop,start',
      `x,Educated,473461003,${ENCOUNTER},${PATIENT.toUpperCase()},,2001-06-08`,
    );
    expect(turned).toEqual(first);
    expect(first).toMatchObject({
      patientIds: [PATIENT],
      problems: [],
      row: { examinationId: ENCOUNTER, onsetDate: '2001-06-08', resolvedDate: null, codeSystem: null },
    });
  });

  it('takes what newer versions add, without giving the row another id', () => {
    const newer = read('conditions', `${CONDITIONS},SYSTEM`, `${CONDITION},http://snomed.info/sct`);
    expect(newer.row).toMatchObject({ codeSystem: 'http://snomed.info/sct' });
    expect(newer.row?.id).toBe(read('conditions', CONDITIONS, CONDITION).row?.id);
  });

  it('keeps the ids that earlier imports have given', () => {
    expect(read('conditions', CONDITIONS, CONDITION).row?.id).toBe('4eb8df47-839e-5c63-9aee-d4c9828b88b9');
  });

  it.each([
    ['another day', CONDITION.replace('2001', '2002')],
    ['another patient', CONDITION.replace(PATIENT, OTHER)],
    ['another code', CONDITION.replace('473461003', '473461004')],
    ['a value that moved to the next column', CONDITION.replace('473461003,Educated', ',473461003Educated')],
  ])('gives %s another id', (_, record) => {
    expect(read('conditions', CONDITIONS, record).row?.id).not.toBe(
      read('conditions', CONDITIONS, CONDITION).row?.id,
    );
  });

  it('makes one list of the reactions of an allergy, without those that are empty', () => {
    const header = `${CONDITIONS},SYSTEM,TYPE,CATEGORY,REACTION1,DESCRIPTION1,SEVERITY1,REACTION2,DESCRIPTION2,SEVERITY2`;
    const allergy = read('allergies', header, `${CONDITION},SNOMED-CT,allergy,food,,,,247472004,Hives,MILD`);
    expect(allergy.row?.['reactions']).toEqual([
      { code: '247472004', description: 'Hives', severity: 'MILD' },
    ]);
    expect(read('allergies', header, `${CONDITION},,,,,,,,,`).row?.['reactions']).toBeNull();
  });

  it.each([
    [
      'procedures',
      'DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,COST,REASONCODE,REASONDESCRIPTION',
      '2019-05-01,P,,1,x,2.50,,',
      { performedAt: '2019-05-01T00:00:00Z', endedAt: null, baseCost: '2.50' },
      ['STOP'],
    ],
    [
      'encounters',
      'ID,DATE,PATIENT,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION',
      `${OTHER},2010-02-03,P,1,x,,`,
      { startedAt: '2010-02-03T00:00:00Z', endedAt: null, payerId: null },
      [
        'STOP',
        'ENCOUNTERCLASS',
        'ORGANIZATION',
        'PROVIDER',
        'PAYER',
        'BASE_ENCOUNTER_COST',
        'TOTAL_CLAIM_COST',
        'PAYER_COVERAGE',
      ],
    ],
    [
      'payer_transitions',
      'PATIENT,START_YEAR,END_YEAR,PAYER,OWNERSHIP',
      'P,1980,1990,,Guardian',
      {
        startsAt: '1980-01-01T00:00:00Z',
        endsAt: '1990-12-31T23:59:59Z',
        planOwnership: 'Guardian',
        ownerName: null,
      },
      ['MEMBERID', 'SECONDARY_PAYER', 'OWNER_NAME'],
    ],
    [
      'imaging_studies',
      'Id,DATE,PATIENT,ENCOUNTER,BODYSITE_CODE,BODYSITE_DESCRIPTION,MODALITY_CODE,MODALITY_DESCRIPTION,SOP_CODE,SOP_DESCRIPTION',
      `${OTHER},2019-05-01T08:00:00Z,P,,40983000,Arm,DX,Digital Radiography,1.2,Image`,
      {
        studyId: OTHER,
        performedAt: '2019-05-01T08:00:00Z',
        bodySite: 'Arm',
        modality: 'Digital Radiography',
        sopDescription: 'Image',
        seriesUid: null,
        instanceUid: null,
        procedureCode: null,
      },
      ['SERIES_UID', 'INSTANCE_UID', 'PROCEDURE_CODE'],
    ],
    [
      'observations',
      'DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS',
      '2019-05-01,P,,1,x,2,kg',
      { observedAt: '2019-05-01T00:00:00Z', valueType: null },
      ['TYPE'],
    ],
  ])(
    'reads %s as older versions of Synthea wrote them, and knows what is not in them',
    (file, header, record, row, absent) => {
      const mapping = MAPPINGS.find((candidate) => candidate.file === file);
      if (mapping === undefined) throw new Error(`No mapping for ${file}.`);
      const reader = new RowReader(mapping, header.split(','));
      expect(reader.read(record.replace('P', PATIENT).split(','))).toMatchObject({ problems: [], row });
      expect(reader.absent).toEqual(absent);
    },
  );

  it('names a bad cell by what its own file calls it', () => {
    const { problems } = read(
      'payer_transitions',
      'PATIENT,START_YEAR,END_YEAR,PAYER,OWNERSHIP',
      `${PATIENT},80,,,`,
    );
    expect(problems).toEqual(['START_YEAR: is not a year such as 2024']);
  });

  it('goes by the name of today where a header has both', () => {
    const { row } = read(
      'procedures',
      'DATE,START,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION',
      `2001-01-01,2002-02-02,${PATIENT},,1,x,,`,
    );
    expect(row).toMatchObject({ performedAt: '2002-02-02T00:00:00Z' });
  });

  it('passes over columns without a name', () => {
    expect(read('conditions', `${CONDITIONS},,`, `${CONDITION},,`)).toEqual(
      read('conditions', CONDITIONS, CONDITION),
    );
  });

  it('reports every bad cell of a row by its header, and gives no row', () => {
    const record = CONDITION.replace('2001-06-08', '2001-06-31').replace(ENCOUNTER, 'none');
    expect(read('conditions', CONDITIONS, record)).toEqual({
      patientIds: [PATIENT],
      attributed: true,
      problems: ['ENCOUNTER: is not a UUID', 'START: is a time that does not exist'],
    });
  });

  it('attributes a row with too many or too few columns to the ids that stand in it', () => {
    const reading = read('conditions', CONDITIONS, `${CONDITION},${OTHER}`);
    expect(reading).toMatchObject({ attributed: false, problems: ['has 7 columns where the header has 6'] });
    expect(reading.patientIds).toEqual([PATIENT, ENCOUNTER, OTHER]);
    expect(reading.row).toBeUndefined();
  });

  it('attributes a row without a readable patient to nobody', () => {
    const reading = read('conditions', CONDITIONS, CONDITION.replace(PATIENT, ''));
    expect(reading).toEqual({ patientIds: [], attributed: false, problems: ['PATIENT: is not a UUID'] });
  });

  it.each([
    [
      'START,STOP,PATIENT',
      /lacks ENCOUNTER, CODE, DESCRIPTION; what is read are the CSV files of Synthea 1, 2 and 3/,
    ],
    ['START,STOP,ENCOUNTER,CODE,DESCRIPTION', /lacks PATIENT/],
    [`${CONDITIONS},Code`, /has CODE twice/],
  ])('refuses a file whose header is %s', (header, message) => {
    const attempt = () => read('conditions', header, CONDITION);
    expect(attempt).toThrow(HeaderProblem);
    expect(attempt).toThrow(message);
  });

  it('never repeats a first line that is no header', () => {
    expect(() => read('conditions', 'Jaime,Jaime,Alden', '')).toThrow(/^the header lacks PATIENT/);
  });
});
