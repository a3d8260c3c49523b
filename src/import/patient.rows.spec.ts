import { describe, expect, it } from '@jest/globals';
import { patientsOf } from './patient.rows.js';
import type { SpilledRow } from './scan.js';
import { Spill } from './spill.js';

const ID = '9c1185a5-c4b2-54d5-8e6f-c5f5f2a5d6b1';

function gather(rows: Omit<SpilledRow, 'file'>[]) {
  const spill = new Spill<SpilledRow>();
  for (const row of rows) spill.add(0, { file: 'x.csv', ...row });
  return [...patientsOf(spill)];
}

const supply = (patientId: string, line: number, quantity: number, id = ID) => ({
  patientId,
  line,
  resourceType: 'Supply',
  row: { id, quantity },
});

describe('gathering the rows of a patient', () => {
  it('keeps exact duplicates, each with an id of its own that does not depend on the order of rows', () => {
    const [first] = gather([supply('p', 2, 1), supply('p', 3, 1), supply('p', 4, 2, 'other')]);
    const [second] = gather([supply('p', 2, 2, 'other'), supply('p', 3, 1), supply('p', 4, 1)]);
    const ids = (patient: typeof first) =>
      patient?.bundle.resources['Supply']?.map((row) => (row as { id: string }).id);
    expect(new Set(ids(first)).size).toBe(3);
    expect(ids(second)?.sort()).toEqual(ids(first)?.sort());
    expect(first?.clashes).toEqual([]);
  });

  it('counts duplicates within one patient and one file only', () => {
    const patients = gather([
      supply('p', 2, 1),
      supply('q', 3, 1),
      { ...supply('p', 4, 1), resourceType: 'Device' },
    ]);
    const ids = patients.flatMap(({ bundle }) =>
      Object.values(bundle.resources).flatMap((rows) => rows.map((row) => (row as { id: string }).id)),
    );
    expect(ids).toEqual([ID, ID, ID]);
  });

  it('names the place of an Id that one patient has twice in a file with Ids of its own', () => {
    const examination = (line: number) => ({ ...supply('p', line, 1), resourceType: 'Examination' });
    const [patient] = gather([examination(2), examination(9)]);
    expect(patient?.clashes).toEqual([['x.csv:9', 'ID: another row of this patient has the same']]);
  });

  it('puts the patient on every row, and no id on the patient itself', () => {
    const [patient] = gather([
      { patientId: 'p', line: 2, resourceType: 'PatientDemographics', row: { givenName: 'x' } },
    ]);
    expect(patient?.bundle).toEqual({
      patientId: 'p',
      resources: { PatientDemographics: [{ givenName: 'x', patientId: 'p' }] },
    });
  });
});
