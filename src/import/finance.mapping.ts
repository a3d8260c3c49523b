import {
  absentInOld,
  type CellValue,
  decimal,
  formerly,
  integer,
  open,
  text,
  timestamp,
  uuid,
  yearBegin,
  yearEnd,
} from './cell.js';
import type { CombinedCells, FileMapping } from './file.mapping.js';

/** Up to eight codes, in order; null where there is none. */
const diagnosisCodes: CombinedCells = {
  cells: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => text(`DIAGNOSIS${n}`)),
  combine: (values) => {
    const codes = values.filter((code) => code !== null);
    return codes.length === 0 ? null : codes;
  },
};

/** A claim is billed to two payers and to the patient: the last of these times. */
const lastBilledAt: CombinedCells = {
  cells: ['LASTBILLEDDATE1', 'LASTBILLEDDATE2', 'LASTBILLEDDATEP'].map(timestamp),
  combine: (times) =>
    times.reduce((last, time) => (millisecondsOf(time) > millisecondsOf(last) ? time : last)),
};

export const FINANCE: readonly FileMapping[] = [
  {
    file: 'claims',
    resourceType: 'Invoice',
    patient: 'PATIENTID',
    rowId: 'column',
    properties: {
      examinationId: uuid('APPOINTMENTID'),
      providerId: uuid('PROVIDERID'),
      primaryInsuranceId: uuid('PRIMARYPATIENTINSURANCEID'),
      secondaryInsuranceId: uuid('SECONDARYPATIENTINSURANCEID'),
      departmentId: text('DEPARTMENTID'),
      diagnosisCodes,
      serviceAt: timestamp('SERVICEDATE'),
      illnessAt: timestamp('CURRENTILLNESSDATE'),
      primaryStatus: text('STATUS1'),
      secondaryStatus: text('STATUS2'),
      patientStatus: text('STATUSP'),
      primaryOutstanding: decimal('OUTSTANDING1'),
      secondaryOutstanding: decimal('OUTSTANDING2'),
      patientOutstanding: decimal('OUTSTANDINGP'),
      lastBilledAt,
    },
  },
  {
    file: 'claims_transactions',
    resourceType: 'FinancialTransaction',
    patient: 'PATIENTID',
    rowId: 'column',
    properties: {
      invoiceId: uuid('CLAIMID'),
      examinationId: uuid('APPOINTMENTID'),
      providerId: uuid('PROVIDERID'),
      chargeId: text('CHARGEID'),
      transactionType: text('TYPE'),
      amount: decimal('AMOUNT'),
      method: text('METHOD'),
      fromAt: timestamp('FROMDATE'),
      toAt: open(timestamp('TODATE')),
      procedureCode: text('PROCEDURECODE'),
      units: integer('UNITS'),
      unitAmount: decimal('UNITAMOUNT'),
      payments: decimal('PAYMENTS'),
      adjustments: decimal('ADJUSTMENTS'),
      transfers: decimal('TRANSFERS'),
      transferType: text('TRANSFERTYPE'),
      outstanding: decimal('OUTSTANDING'),
      note: text('NOTES'),
    },
  },
  {
    file: 'payer_transitions',
    resourceType: 'InsuranceCoverage',
    patient: 'PATIENT',
    rowId: 'content',
    properties: {
      memberId: absentInOld(text('MEMBERID')),
      payerId: uuid('PAYER'),
      secondaryPayerId: absentInOld(uuid('SECONDARY_PAYER')),
      // Synthea 2 writes years, and the next coverage begins in the year after END_YEAR.
      startsAt: formerly(timestamp('START_DATE'), yearBegin('START_YEAR')),
      endsAt: formerly(open(timestamp('END_DATE')), open(yearEnd('END_YEAR'))),
      planOwnership: formerly(text('PLAN_OWNERSHIP'), text('OWNERSHIP')),
      ownerName: absentInOld(formerly(text('OWNER_NAME'), text('OWNERNAME'))),
    },
  },
];

function millisecondsOf(time: CellValue): number {
  return time === null ? Number.NEGATIVE_INFINITY : Date.parse(String(time));
}
