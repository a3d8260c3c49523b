import { addDays, addMinutes } from './calendar.js';
import type { Contact } from './contact.js';
import {
  BODY_MASS_INDEX,
  HEIGHT,
  LABORATORY_TESTS,
  type TestKey,
  VITAL_SIGNS,
  WEIGHT,
  WORDED_TESTS,
} from './vocabulary/index.js';

type VitalSign = keyof typeof VITAL_SIGNS;

const ADULT_AGE = 18;
const LABORATORY_PRICE = 38;
/** Of a hundred results one was entered wrongly and hidden again by the hospital's own system. */
const WITHDRAWN = 0.01;

/** Adds what was measured: vital signs, weight now and then, and the laboratory tests of the condition. */
export function addResults(contact: Contact): void {
  const { chance, visit, age, charges } = contact;
  for (const sign of vitalSignsOf(contact)) addFigure(contact, 'vital-signs', VITAL_SIGNS[sign], 4);
  if (visit.condition.icd.startsWith('Z00') || (visit.opening && chance.happens(0.4))) addBody(contact);
  const { tests, every, followUps } = visit.condition;
  // A dialysis patient's blood is looked at every month, not at every session.
  const due = visit.opening || chance.happens(every < 4 && followUps[1] > 100 ? 0.08 : 0.6);
  if (!due || tests.length === 0) return;
  for (const test of tests) addTest(contact, test);
  if (age >= ADULT_AGE && chance.happens(0.2)) addTest(contact, 'hemoglobin');
  charges.push({
    code: '15220000',
    name: 'Laboratuvar tetkikleri',
    units: tests.length,
    unitPrice: LABORATORY_PRICE,
  });
}

function vitalSignsOf({ visit, chance, age }: Contact): VitalSign[] {
  if (visit.condition.urgent === true || visit.condition.stay !== undefined)
    return [
      'systolic',
      'diastolic',
      'pulse',
      'temperature',
      ...(visit.opening ? (['saturation'] as const) : []),
    ];
  if (age < ADULT_AGE) return ['temperature', 'pulse'];
  return chance.happens(0.6) ? ['systolic', 'diastolic', 'pulse'] : ['systolic', 'diastolic'];
}

function addTest(contact: Contact, test: TestKey): void {
  if (test in LABORATORY_TESTS) {
    addFigure(contact, 'laboratory', LABORATORY_TESTS[test as keyof typeof LABORATORY_TESTS], 90);
    return;
  }
  const { loinc, name, answers } = WORDED_TESTS[test as keyof typeof WORDED_TESTS];
  // A patient's blood group and habit of smoking are not drawn anew for every result.
  const lasting = test === 'bloodGroup' || test === 'smoking';
  const answer = lasting ? answers[contact.person.birth.getUTCDate() % answers.length] : undefined;
  addResult(contact, {
    category: test === 'smoking' ? 'social-history' : 'laboratory',
    code: loinc,
    description: name,
    value: answer ?? contact.chance.pick(answers),
    unit: null,
    valueType: 'text',
    minutes: 60,
  });
}

function addFigure(
  contact: Contact,
  category: string,
  test: { loinc: string; name: string; unit: string; mean: number; spread: number; decimals: number },
  minutes: number,
): void {
  addResult(contact, {
    category,
    code: test.loinc,
    description: test.name,
    unit: test.unit,
    valueType: 'numeric',
    minutes,
    value: Math.max(0, contact.chance.normal(test.mean, test.spread)).toFixed(test.decimals),
  });
}

/** Height and weight by age; the body mass index is made of the two figures as they are written. */
function addBody(contact: Contact): void {
  const { person, age, chance } = contact;
  const grown = Math.min(1, 0.3 + (age / ADULT_AGE) * 0.7);
  const height = Math.round(person.height * grown);
  const index = age < ADULT_AGE ? 16.5 + age * 0.2 : person.bodyMassIndex;
  const weight = Number((index * (height / 100) ** 2 + chance.normal(0, 0.6)).toFixed(1));
  const figures = [
    [HEIGHT, String(height)],
    [WEIGHT, weight.toFixed(1)],
    [BODY_MASS_INDEX, (weight / (height / 100) ** 2).toFixed(1)],
  ] as const;
  for (const [{ loinc, name, unit }, value] of figures) {
    addResult(contact, {
      category: 'vital-signs',
      code: loinc,
      description: name,
      value,
      unit,
      valueType: 'numeric',
      minutes: 3,
    });
  }
}

function addResult(
  { rows, chance, examinationId, startedAt, person }: Contact,
  {
    minutes,
    ...result
  }: {
    category: string;
    code: string;
    description: string;
    value: string | undefined;
    unit: string | null;
    valueType: string;
    /** From the beginning of the examination to the result. */
    minutes: number;
  },
): void {
  const observedAt = addMinutes(startedAt, minutes);
  const isDeleted = chance.happens(WITHDRAWN) && addDays(observedAt, 1) < person.until;
  rows.add('TestResult', {
    examinationId,
    observedAt,
    ...result,
    // Hidden on its own, long before any deletion: it carries no deletion id.
    isDeleted,
    deletedAt: isDeleted ? addDays(observedAt, 1) : null,
  });
}
