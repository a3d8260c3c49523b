import {
  absentInOld,
  type CellValue,
  date,
  decimal,
  formerly,
  integer,
  newer,
  open,
  text,
  timestamp,
  uuid,
} from './cell.js';
import type { CombinedCells, FileMapping } from './file.mapping.js';

const coded = { code: text('CODE'), description: text('DESCRIPTION') };
const reason = { reasonCode: text('REASONCODE'), reasonDescription: text('REASONDESCRIPTION') };
const ofPatient = { patient: 'PATIENT', rowId: 'content' } as const;
const examinationId = uuid('ENCOUNTER');
const cost = (header: string) => absentInOld(formerly(decimal(header), decimal('COST')));

/** Every reaction that is named at all, in order: `[{ code, description, severity }]`. */
const reactions: CombinedCells = {
  cells: [1, 2].flatMap((n) =>
    ['REACTION', 'DESCRIPTION', 'SEVERITY'].map((header) => newer(text(`${header}${n}`))),
  ),
  combine: (values) => {
    const named = [values.slice(0, 3), values.slice(3)].filter((reaction) => reaction.some(isGiven));
    return named.length === 0
      ? null
      : named.map(([code, description, severity]) => ({ code, description, severity }));
  },
};

export const CLINICAL: readonly FileMapping[] = [
  {
    file: 'encounters',
    resourceType: 'Examination',
    patient: 'PATIENT',
    rowId: 'column',
    properties: {
      startedAt: formerly(timestamp('START'), timestamp('DATE')),
      endedAt: absentInOld(open(timestamp('STOP'))),
      encounterClass: absentInOld(text('ENCOUNTERCLASS')),
      ...coded,
      organizationId: absentInOld(uuid('ORGANIZATION')),
      providerId: absentInOld(uuid('PROVIDER')),
      payerId: absentInOld(uuid('PAYER')),
      baseCost: cost('BASE_ENCOUNTER_COST'),
      totalCost: absentInOld(decimal('TOTAL_CLAIM_COST')),
      payerCoverage: absentInOld(decimal('PAYER_COVERAGE')),
      ...reason,
    },
  },
  {
    file: 'conditions',
    resourceType: 'Diagnosis',
    ...ofPatient,
    properties: {
      examinationId,
      codeSystem: newer(text('SYSTEM')),
      ...coded,
      onsetDate: date('START'),
      resolvedDate: open(date('STOP')),
    },
  },
  {
    file: 'medications',
    resourceType: 'Prescription',
    ...ofPatient,
    properties: {
      examinationId,
      ...coded,
      startedAt: timestamp('START'),
      endedAt: open(timestamp('STOP')),
      payerId: absentInOld(uuid('PAYER')),
      dispenses: absentInOld(integer('DISPENSES')),
      baseCost: cost('BASE_COST'),
      payerCoverage: absentInOld(decimal('PAYER_COVERAGE')),
      totalCost: absentInOld(decimal('TOTALCOST')),
      ...reason,
    },
  },
  {
    file: 'observations',
    resourceType: 'TestResult',
    ...ofPatient,
    properties: {
      examinationId,
      category: newer(text('CATEGORY')),
      ...coded,
      observedAt: timestamp('DATE'),
      value: text('VALUE'),
      unit: text('UNITS'),
      valueType: absentInOld(text('TYPE')),
    },
  },
  {
    file: 'procedures',
    resourceType: 'Procedure',
    ...ofPatient,
    properties: {
      examinationId,
      codeSystem: newer(text('SYSTEM')),
      ...coded,
      performedAt: formerly(timestamp('START'), timestamp('DATE')),
      endedAt: absentInOld(open(timestamp('STOP'))),
      baseCost: cost('BASE_COST'),
      ...reason,
    },
  },
  {
    file: 'immunizations',
    resourceType: 'Immunization',
    ...ofPatient,
    properties: {
      examinationId,
      ...coded,
      administeredAt: timestamp('DATE'),
      baseCost: cost('BASE_COST'),
    },
  },
  {
    file: 'allergies',
    resourceType: 'Allergy',
    ...ofPatient,
    properties: {
      examinationId,
      codeSystem: newer(text('SYSTEM')),
      ...coded,
      allergyType: newer(text('TYPE')),
      category: newer(text('CATEGORY')),
      reactions,
      onsetDate: date('START'),
      resolvedDate: open(date('STOP')),
    },
  },
  {
    file: 'careplans',
    resourceType: 'CarePlan',
    patient: 'PATIENT',
    rowId: 'column',
    properties: { examinationId, ...coded, startDate: date('START'), endDate: open(date('STOP')), ...reason },
  },
  {
    file: 'imaging_studies',
    resourceType: 'ImagingStudy',
    ...ofPatient,
    properties: {
      examinationId,
      studyId: uuid('ID'),
      performedAt: timestamp('DATE'),
      seriesUid: absentInOld(text('SERIES_UID')),
      instanceUid: absentInOld(text('INSTANCE_UID')),
      bodySiteCode: text('BODYSITE_CODE'),
      bodySite: text('BODYSITE_DESCRIPTION'),
      modalityCode: text('MODALITY_CODE'),
      modality: text('MODALITY_DESCRIPTION'),
      sopCode: text('SOP_CODE'),
      sopDescription: text('SOP_DESCRIPTION'),
      procedureCode: absentInOld(text('PROCEDURE_CODE')),
    },
  },
  {
    file: 'devices',
    resourceType: 'Device',
    ...ofPatient,
    properties: {
      examinationId,
      ...coded,
      startedAt: timestamp('START'),
      endedAt: open(timestamp('STOP')),
      udi: text('UDI'),
    },
  },
  {
    file: 'supplies',
    resourceType: 'Supply',
    ...ofPatient,
    properties: { examinationId, ...coded, suppliedOn: date('DATE'), quantity: integer('QUANTITY') },
  },
];

function isGiven(value: CellValue | undefined): boolean {
  return value !== null && value !== undefined;
}
