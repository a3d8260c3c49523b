import type { PatientBundle } from '../orchestrator/index.js';
import { addInvoice, lira } from './billing.js';
import { Chance } from './chance.js';
import { openContact } from './contact.js';
import { courseOf, drawHabit } from './course.js';
import { addInsurance } from './insurance.js';
import { addResults } from './laboratory.js';
import { demoId, PatientRows } from './patient.rows.js';
import { demographicsOf, drawPerson } from './person.js';
import { addAllergies, addVaccinations } from './prevention.js';
import { addTreatment } from './treatment.js';
import { DIALYSIS } from './vocabulary/index.js';

/** The ids that {@link demoPatients} gives, in its order, without making the patients. */
export function demoPatientIds(seed: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => demoId('patient', seed, index));
}

/**
 * Patients of an invented Turkish hospital with everything that it knows of them. The same seed gives the same
 * patients, ids and rows included, and more of them begin with the same ones. Nobody real can be among them:
 * no national id has a valid check digit, no telephone number an area that exists. Codes of terminologies are
 * there to look at, not to code by.
 *
 * @param seed a whole number
 * @param count how many patients
 */
export function* demoPatients(seed: number, count: number): Generator<PatientBundle, void, undefined> {
  for (const [index, patientId] of demoPatientIds(seed, count).entries())
    yield demoPatient(seed, index, patientId);
}

function demoPatient(seed: number, index: number, patientId: string): PatientBundle {
  const chance = new Chance(seed, index);
  const rows = new PatientRows(patientId);
  const habit = drawHabit(chance);
  const person = drawPerson(chance, habit.onDialysis ? DIALYSIS.ages : undefined);
  const demographics = demographicsOf(chance, person, `HN-${String(100_001 + index)}`);
  const insurance = addInsurance(rows, chance, person, demographics);
  let total = 0;
  let covered = 0;
  for (const [visitNumber, visit] of courseOf(chance, person, habit).entries()) {
    const { examination, contact } = openContact(rows, chance, person, insurance, visit);
    if (visitNumber === 0) addAllergies(contact);
    addVaccinations(contact);
    addTreatment(contact);
    addResults(contact);
    const bill = addInvoice(contact);
    Object.assign(examination, { totalCost: lira(bill.total), payerCoverage: lira(bill.covered) });
    total += bill.total;
    covered += bill.covered;
  }
  return rows.bundle({
    ...demographics,
    healthcareExpenses: lira(total),
    healthcareCoverage: lira(covered),
  });
}
