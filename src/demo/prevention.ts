import { addMinutes, isoDate } from './calendar.js';
import type { Contact } from './contact.js';
import {
  ADULT_HEPATITIS_B,
  ALLERGENS,
  ALLERGIC_REACTIONS,
  CHILDHOOD_SCHEDULE,
  COVID,
  INFLUENZA,
  SEVERITIES,
  TETANUS,
} from './vocabulary/index.js';

const DAYS_PER_MONTH = 30.44;
const DAY_MS = 86_400_000;
const VACCINE_PRICE = 165;
const SHARE_WITH_ALLERGY = 0.28;

/** Adds the vaccinations that are due on this visit, by the child's age, the season or the injury. */
export function addVaccinations(contact: Contact): void {
  for (const { cvx, name } of dueOn(contact)) {
    contact.rows.add('Immunization', {
      examinationId: contact.examinationId,
      code: cvx,
      description: name,
      administeredAt: addMinutes(contact.startedAt, 8),
      baseCost: VACCINE_PRICE.toFixed(2),
    });
  }
}

function dueOn({ visit, person, startedAt, age, chance }: Contact): readonly { cvx: string; name: string }[] {
  const { icd, procedure } = visit.condition;
  if (icd === 'Z00.1') {
    const months = Math.floor((startedAt.getTime() - person.birth.getTime()) / DAY_MS / DAYS_PER_MONTH);
    return CHILDHOOD_SCHEDULE.filter(({ month }) => month === months);
  }
  if (age < 18) return [];
  const month = startedAt.getUTCMonth() + 1;
  const day = isoDate(startedAt);
  const due: { cvx: string; name: string }[] = [];
  if (visit.opening && (icd.startsWith('S') || icd === 'Z34.9')) due.push(TETANUS);
  if (visit.opening && procedure === 'hemodialysis') due.push(ADULT_HEPATITIS_B);
  if (month >= 10 && chance.happens(age > 64 ? 0.2 : 0.06)) due.push(INFLUENZA);
  if (day > '2021-02-10' && day < '2022-06-30' && chance.happens(0.3)) due.push(COVID);
  return due;
}

/** Adds the allergies that were asked for on the first visit; most patients have none. */
export function addAllergies({ rows, chance, examinationId, startedAt }: Contact): void {
  if (!chance.happens(SHARE_WITH_ALLERGY)) return;
  for (const { snomed, name, category, type } of chance.several(ALLERGENS, chance.pick([1, 1, 1, 2, 2, 3]))) {
    rows.add('Allergy', {
      examinationId,
      codeSystem: 'SNOMED CT',
      code: snomed,
      description: `${name} alerjisi`,
      allergyType: type,
      category,
      onsetDate: isoDate(startedAt),
      resolvedDate: null,
      reactions: chance
        .several(ALLERGIC_REACTIONS, chance.whole(1, 2))
        .map((reaction) => ({ ...reaction, severity: chance.pick(SEVERITIES) })),
    });
  }
}
