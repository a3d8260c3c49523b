import { addDays, addMinutes, earlier, isoDate } from './calendar.js';
import type { Contact } from './contact.js';
import { demoId } from './patient.rows.js';
import {
  CARE_PLANS,
  type Condition,
  DEVICES,
  IMAGING,
  MEDICATIONS,
  PEDIATRIC_FORMS,
  PROCEDURES,
  SUPPLIES,
} from './vocabulary/index.js';

const TABLETS_FROM_AGE = 12;

/** Adds what was found and done about it: diagnosis, medicines, procedures, images, supplies, devices, plans. */
export function addTreatment(contact: Contact): void {
  const { visit, chance, rows, examinationId } = contact;
  const { condition, opening } = visit;
  const reason = { reasonCode: condition.icd, reasonDescription: condition.name };
  if (opening) {
    rows.add('Diagnosis', {
      examinationId,
      codeSystem: 'ICD-10',
      code: condition.icd,
      description: condition.name,
      ...periodOf(contact, 'onsetDate', 'resolvedDate'),
    });
  }
  const session = condition.procedure === 'hemodialysis';
  if (!session || chance.happens(0.12)) addPrescriptions(contact, reason);
  if (condition.procedure !== undefined && (opening || session || repeats(contact)))
    addProcedure(contact, condition.procedure, reason);
  if (condition.imaging !== undefined && chance.happens(opening ? 0.75 : session ? 0.02 : 0.12))
    addImages(contact, condition.imaging);
  if (condition.supply !== undefined && (opening || session || chance.happens(0.35)))
    addSupply(contact, condition.supply);
  if (opening && condition.device !== undefined && chance.happens(0.7)) addDevice(contact, condition.device);
  if (opening && condition.plan !== undefined) {
    const { snomed: code, name: description } = CARE_PLANS[condition.plan];
    rows.add('CarePlan', {
      examinationId,
      code,
      description,
      ...periodOf(contact, 'startDate', 'endDate'),
      ...reason,
    });
  }
}

/** Sessions are repeated at follow-ups; an operation is not. */
function repeats({ visit: { condition }, chance }: Contact): boolean {
  if (condition.procedure === 'physiotherapy') return true;
  if (condition.procedure === 'chemotherapy') return chance.happens(0.6);
  return condition.stay === undefined && condition.lasts === undefined && chance.happens(0.25);
}

function addPrescriptions(
  { visit, chance, rows, examinationId, startedAt, insurance, age, person }: Contact,
  reason: { reasonCode: string; reasonDescription: string },
): void {
  const { medications } = visit.condition;
  const forms = medications.map((key) => (age < TABLETS_FROM_AGE ? (PEDIATRIC_FORMS[key] ?? key) : key));
  const count = visit.opening ? medications.length : chance.whole(0, medications.length);
  for (const key of chance.several([...new Set(forms)], count)) {
    const { atc, name, days, price } = MEDICATIONS[key];
    const dispenses = visit.condition.lasts === undefined ? chance.whole(1, 3) : 1;
    const total = price * dispenses;
    rows.add('Prescription', {
      examinationId,
      code: atc,
      description: name,
      startedAt,
      endedAt: earlier(addDays(startedAt, days * dispenses), person.until),
      payerId: insurance.payerId,
      dispenses,
      baseCost: price.toFixed(2),
      totalCost: total.toFixed(2),
      payerCoverage: (total * insurance.share).toFixed(2),
      ...reason,
    });
  }
}

function addProcedure(
  { rows, chance, examinationId, startedAt, endedAt, charges }: Contact,
  procedure: keyof typeof PROCEDURES,
  reason: { reasonCode: string; reasonDescription: string },
): void {
  const { snomed: code, name, minutes, price } = PROCEDURES[procedure];
  const performedAt = addMinutes(startedAt, chance.whole(2, 10));
  rows.add('Procedure', {
    examinationId,
    codeSystem: 'SNOMED CT',
    code,
    description: name,
    performedAt,
    endedAt: earlier(addMinutes(performedAt, minutes), endedAt),
    baseCost: price.toFixed(2),
    ...reason,
  });
  charges.push({ code, name, units: 1, unitPrice: price });
}

/** One study: a row per image, all of one series. */
function addImages(
  { rows, chance, examinationId, startedAt, charges }: Contact,
  imaging: keyof typeof IMAGING,
): void {
  const { modality, site, sop, procedure, images, price } = IMAGING[imaging];
  const studyId = demoId(examinationId, 'study', imaging);
  for (let image = 1, count = chance.within(images); image <= count; image++) {
    rows.add('ImagingStudy', {
      examinationId,
      studyId,
      performedAt: addMinutes(startedAt, 5),
      seriesUid: `${dicomUid(studyId)}.1`,
      instanceUid: `${dicomUid(studyId)}.1.${image}`,
      bodySiteCode: site[0],
      bodySite: site[1],
      modalityCode: modality[0],
      modality: modality[1],
      sopCode: sop[0],
      sopDescription: sop[1],
      procedureCode: procedure,
    });
  }
  charges.push({ code: procedure, name: `${modality[1]}: ${site[1]}`, units: 1, unitPrice: price });
}

/** A DICOM UID made of a UUID: the root 2.25 and the UUID as one number (DICOM PS3.5, B.2). */
function dicomUid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

function addSupply({ rows, chance, examinationId, startedAt }: Contact, supply: keyof typeof SUPPLIES): void {
  const { code, name, quantity } = SUPPLIES[supply];
  rows.add('Supply', {
    examinationId,
    code,
    description: name,
    suppliedOn: isoDate(startedAt),
    quantity: chance.within(quantity),
  });
}

function addDevice({ rows, chance, examinationId, startedAt }: Contact, device: keyof typeof DEVICES): void {
  const { snomed: code, name } = DEVICES[device];
  rows.add('Device', {
    examinationId,
    code,
    description: name,
    startedAt,
    endedAt: null,
    udi: `(01)0${chance.faker.string.numeric(13)}(10)${chance.faker.string.numeric(6)}(21)${chance.whole(1000, 9999)}`,
  });
}

/** From the day of the visit to the day the condition is over; open where it lasts or is not over yet. */
function periodOf<From extends string, To extends string>(
  {
    startedAt,
    visit: { condition },
    person,
  }: { startedAt: Date; visit: { condition: Condition }; person: { until: Date } },
  from: From,
  to: To,
): Record<From | To, string | null> {
  const over = condition.lasts === undefined ? undefined : addDays(startedAt, condition.lasts);
  return {
    [from]: isoDate(startedAt),
    [to]: over === undefined || over >= person.until ? null : isoDate(over),
  } as Record<From | To, string | null>;
}
