import { addDays, addMinutes, earlier, yearsBetween } from './calendar.js';
import type { Chance } from './chance.js';
import type { Visit } from './course.js';
import type { Insurance } from './insurance.js';
import { demoId, type PatientRows } from './patient.rows.js';
import type { Person } from './person.js';

/** Something that the hospital charges for, in lira. */
export interface Charge {
  readonly code: string;
  readonly name: string;
  readonly units: number;
  readonly unitPrice: number;
}

/** One examination while its rows are made: who, when, for what, and what it has cost so far. */
export interface Contact {
  readonly rows: PatientRows;
  readonly chance: Chance;
  readonly person: Person;
  readonly insurance: Insurance;
  readonly visit: Visit;
  readonly examinationId: string;
  readonly providerId: string;
  /** Completed years. */
  readonly age: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly charges: Charge[];
}

/** What an examination is called: SNOMED CT code, class as FHIR has it, price in lira. */
interface Kind {
  readonly code: string;
  readonly encounterClass: string;
  readonly name: string;
  readonly price: number;
}

const DOCTORS_PER_CLINIC = 4;
const HOSPITAL = demoId('organization', 'Silgi Şehir Hastanesi');

/** Adds the examination itself and returns it with the contact for the rows that belong to it. */
export function openContact(
  rows: PatientRows,
  chance: Chance,
  person: Person,
  insurance: Insurance,
  visit: Visit,
) {
  const { condition } = visit;
  const { code, encounterClass, name, price } = kindOf(visit);
  const [startedAt, endedAt] = hoursOf(chance, person, visit, encounterClass);
  const providerId = demoId('provider', condition.clinic, chance.whole(1, DOCTORS_PER_CLINIC));
  const examination = rows.add('Examination', {
    startedAt,
    endedAt,
    encounterClass,
    code,
    description: encounterClass === 'emergency' ? name : `${condition.clinic}: ${name}`,
    organizationId: HOSPITAL,
    providerId,
    payerId: insurance.payerId,
    baseCost: price.toFixed(2),
    reasonCode: condition.icd,
    reasonDescription: condition.name,
  });
  const contact: Contact = {
    rows,
    chance,
    person,
    insurance,
    visit,
    providerId,
    startedAt,
    endedAt,
    examinationId: examination.id,
    age: yearsBetween(person.birth, startedAt),
    charges: [{ code, name, units: 1, unitPrice: price }],
  };
  return { examination, contact };
}

function kindOf({ condition, opening }: Visit): Kind {
  if (condition.icd.startsWith('Z00'))
    return { code: '185349003', encounterClass: 'wellness', name: 'Kontrol amaçlı muayene', price: 310 };
  if (opening && condition.stay !== undefined)
    return { code: '32485007', encounterClass: 'inpatient', name: 'Yatarak tedavi', price: 940 };
  if (opening && condition.urgent === true)
    return {
      code: '50849002',
      encounterClass: 'emergency',
      name: 'Acil servise başvuru',
      price: 460,
    };
  if (condition.every <= 3)
    return { code: '390906007', encounterClass: 'ambulatory', name: 'Diyaliz seansı', price: 180 };
  return opening
    ? { code: '185345009', encounterClass: 'outpatient', name: 'Poliklinik muayenesi', price: 380 }
    : { code: '390906007', encounterClass: 'outpatient', name: 'Poliklinik kontrol muayenesi', price: 240 };
}

/** Emergencies come at any hour, others in the day; nothing ends after the end of the patient's records. */
function hoursOf(
  chance: Chance,
  person: Person,
  visit: Visit,
  encounterClass: string,
): readonly [Date, Date] {
  const emergency = encounterClass === 'emergency';
  const startedAt = addMinutes(
    visit.day,
    emergency ? chance.whole(0, 24 * 60 - 1) : chance.whole(6 * 60, 12 * 60),
  );
  if (encounterClass === 'inpatient') {
    const discharge = addDays(startedAt, chance.within(visit.condition.stay ?? [1, 1]));
    return [startedAt, earlier(discharge, person.until)];
  }
  const minutes = encounterClass === 'ambulatory' ? 255 : chance.whole(10, 55);
  return [startedAt, addMinutes(startedAt, minutes)];
}
