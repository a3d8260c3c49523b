import 'reflect-metadata';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { getMetadataArgsStorage } from 'typeorm';
// The shards declare the tables that the demo has to fill.
import '../clinical/index.js';
import { patientOwnedTables } from '../shards/index.js';
import '../finance/index.js';
import type { PatientBundle } from '../orchestrator/index.js';
import '../patient/index.js';
import { REFERENCE_DATE } from './calendar.js';
import { DEMO_PATIENTS, DEMO_SEED } from './demo.loader.js';
import { demoPatientIds, demoPatients } from './demo.patients.js';

type Row = Record<string, unknown>;

let patients: PatientBundle[];

beforeAll(() => {
  patients = [...demoPatients(DEMO_SEED, DEMO_PATIENTS)];
});

function rowsOf({ resources }: PatientBundle, type: string): Row[] {
  return (resources[type] ?? []) as Row[];
}

function sizeOf({ resources }: PatientBundle): number {
  return Object.values(resources).reduce((sum, rows) => sum + rows.length, 0);
}

function demographicsOf(patient: PatientBundle): Row {
  return rowsOf(patient, 'PatientDemographics')[0] ?? {};
}

function money(value: unknown): number {
  return Math.round(Number(value ?? 0) * 100);
}

describe('the demo patients', () => {
  it('are the same in every run, ids and rows included', () => {
    expect(JSON.stringify([...demoPatients(DEMO_SEED, DEMO_PATIENTS)])).toBe(JSON.stringify(patients));
    expect(patients.map(({ patientId }) => patientId)).toEqual(demoPatientIds(DEMO_SEED, DEMO_PATIENTS));
  });

  it('begin with the same ones when there are more of them, and differ with another seed', () => {
    expect([...demoPatients(DEMO_SEED, 5)]).toEqual(patients.slice(0, 5));
    expect([...demoPatients(DEMO_SEED + 1, 1)]).not.toEqual(patients.slice(0, 1));
  });

  it('are the same when two generators are read in turn', () => {
    const [one, other] = [demoPatients(DEMO_SEED, 4), demoPatients(7, 4)];
    const inTurn = [0, 1, 2, 3].map((index) => {
      other.next();
      return [index, one.next().value];
    });
    expect(inTurn).toEqual(patients.slice(0, 4).map((patient, index) => [index, patient]));
  });

  it('are skewed in size: a median of some 60 rows, a few with more than 1,000', () => {
    const sizes = patients.map(sizeOf).sort((a, b) => a - b);
    expect(sizes[DEMO_PATIENTS / 2]).toBeGreaterThanOrEqual(45);
    expect(sizes[DEMO_PATIENTS / 2]).toBeLessThanOrEqual(80);
    const large = sizes.filter((size) => size > 1_000).length;
    expect(large).toBeGreaterThanOrEqual(3);
    expect(large).toBeLessThanOrEqual(12);
  });

  it('use every table of every shard, and some patients all of them', () => {
    const declared = patientOwnedTables()
      .map(({ resourceType }) => resourceType)
      .sort();
    const used = new Set(patients.flatMap(({ resources }) => Object.keys(resources)));
    expect([...used].sort()).toEqual(declared);
    expect(patients.some(({ resources }) => Object.keys(resources).length === declared.length)).toBe(true);
  });

  it('have no property that is not a column of its table', () => {
    for (const { intake, resourceType } of patientOwnedTables()) {
      const chain: unknown[] = [];
      for (let at: unknown = intake?.entity; typeof at === 'function'; at = Object.getPrototypeOf(at))
        chain.push(at);
      const columns = new Set(
        getMetadataArgsStorage()
          .columns.filter(({ target }) => chain.includes(target))
          .map(({ propertyName }) => propertyName),
      );
      const written = new Set(
        patients.flatMap((p) => rowsOf(p, resourceType).flatMap((row) => Object.keys(row))),
      );
      expect([...written].filter((name) => !columns.has(name))).toEqual([]);
    }
  });

  it('never share an id', () => {
    const ids = patients.flatMap((patient) =>
      Object.entries(patient.resources).flatMap(([type, rows]) =>
        type === 'PatientDemographics' ? [patient.patientId] : (rows as Row[]).map(({ id }) => id),
      ),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const property of ['recordNumber', 'nationalId'])
      expect(new Set(patients.map((p) => demographicsOf(p)[property])).size).toBe(DEMO_PATIENTS);
  });

  it('have Turkish names, with the letters that software gets wrong', () => {
    const names = patients.map(
      (p) => `${String(demographicsOf(p)['givenName'])} ${String(demographicsOf(p)['familyName'])}`,
    );
    for (const letter of ['ğ', 'ş', 'ı', 'İ', 'ö', 'ü', 'ç', 'Ş', 'I'])
      expect(names.some((name) => name.includes(letter))).toBe(true);
  });

  it('cannot be reached by telephone or e-mail', () => {
    for (const patient of patients) {
      const { phone, email } = demographicsOf(patient);
      expect(phone).toMatch(/^\+90 1\d\d \d{3} \d\d \d\d$/);
      if (email !== null) expect(email).toMatch(/^[a-z.]+\d+@example\.com$/);
    }
  });
});

describe('the rows of a demo patient', () => {
  it('belong to the patient and refer to the patient’s own examinations and invoices', () => {
    for (const patient of patients) {
      const examinations = new Set(rowsOf(patient, 'Examination').map(({ id }) => id));
      const invoices = new Set(rowsOf(patient, 'Invoice').map(({ id }) => id));
      const payers = new Set(rowsOf(patient, 'InsuranceCoverage').map(({ payerId }) => payerId));
      for (const rows of Object.values(patient.resources) as Row[][]) {
        expect(rows.filter(({ patientId }) => patientId !== patient.patientId)).toEqual([]);
        expect(
          rows.filter((row) => 'examinationId' in row && !examinations.has(row['examinationId'])),
        ).toEqual([]);
        expect(rows.filter((row) => 'invoiceId' in row && !invoices.has(row['invoiceId']))).toEqual([]);
      }
      expect(rowsOf(patient, 'Examination').filter(({ payerId }) => !payers.has(payerId))).toEqual([]);
    }
  });

  it('lie after birth, before death and before the reference date; periods end after they begin', () => {
    for (const patient of patients) {
      const { birthDate, deathDate } = demographicsOf(patient);
      const birth = new Date(String(birthDate));
      const death = typeof deathDate === 'string' ? new Date(deathDate) : REFERENCE_DATE;
      for (const [type, rows] of Object.entries(patient.resources) as [string, Row[]][]) {
        // A bill may be paid after a death.
        const last = type === 'FinancialTransaction' ? REFERENCE_DATE : death;
        for (const row of rows) {
          for (const [name, value] of Object.entries(row)) {
            const isDate = value instanceof Date || /(Date|On)$/.test(name);
            if (!isDate || value === null || name === 'birthDate') continue;
            const at = new Date(value as Date | string);
            if (at < birth || at > last) throw new Error(`${type} ${name} ${at.toISOString()}`);
          }
          for (const [from, to] of [
            ['startedAt', 'endedAt'],
            ['onsetDate', 'resolvedDate'],
            ['startsAt', 'endsAt'],
          ] as const) {
            const [begin, end] = [row[from], row[to]];
            if (begin == null || end == null) continue;
            expect(new Date(end as Date).getTime()).toBeGreaterThanOrEqual(new Date(begin as Date).getTime());
          }
        }
      }
    }
  });

  it('add up: charges to what the examination cost, payments and what is open to the charges', () => {
    for (const patient of patients) {
      const cost = new Map(rowsOf(patient, 'Examination').map((row) => [row['id'], money(row['totalCost'])]));
      const lines = new Map<unknown, Row[]>();
      for (const line of rowsOf(patient, 'FinancialTransaction'))
        lines.set(line['invoiceId'], [...(lines.get(line['invoiceId']) ?? []), line]);
      for (const invoice of rowsOf(patient, 'Invoice')) {
        const own = lines.get(invoice['id']) ?? [];
        const sum = (name: string) => own.reduce((total, line) => total + money(line[name]), 0);
        const open = ['primaryOutstanding', 'secondaryOutstanding', 'patientOutstanding'];
        expect(sum('amount')).toBe(cost.get(invoice['examinationId']));
        expect(sum('payments') + open.reduce((total, name) => total + money(invoice[name]), 0)).toBe(
          sum('amount'),
        );
      }
    }
  });

  it('are live but for some test results that the hospital had withdrawn, without a deletion’s mark', () => {
    const hidden = patients.flatMap((patient) =>
      Object.entries(patient.resources).flatMap(([type, rows]) =>
        (rows as Row[]).filter(({ isDeleted }) => isDeleted === true).map((row) => ({ type, row })),
      ),
    );
    expect(hidden.length).toBeGreaterThan(20);
    for (const { type, row } of hidden) {
      expect(type).toBe('TestResult');
      expect(row['deletedAt']).toBeInstanceOf(Date);
      expect(row).not.toHaveProperty('deletionId');
    }
  });
});
