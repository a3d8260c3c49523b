import { addDays, clinicDay, daysBetween, later, RECORDS_SINCE, yearsBetween } from './calendar.js';
import type { Chance } from './chance.js';
import type { Person } from './person.js';
import {
  ACUTE_CONDITIONS,
  ADULT_CHECK_UP,
  type Condition,
  DIALYSIS,
  LASTING_CONDITIONS,
  WELL_CHILD_VISIT,
} from './vocabulary/index.js';

/** One contact of a patient with the hospital, as it was to be. */
export interface Visit {
  readonly day: Date;
  readonly condition: Condition;
  /** Whether the condition is met for the first time. */
  readonly opening: boolean;
}

/** How often a patient comes: skewed, as in every hospital. */
export interface Habit {
  readonly weight: number;
  readonly acute: readonly [number, number];
  readonly lasting: readonly [number, number];
  /** Share of a lasting condition's follow-ups that the patient keeps. */
  readonly faith: number;
  readonly onDialysis: boolean;
}

const HABITS: readonly Habit[] = [
  { weight: 68, acute: [1, 2], lasting: [0, 0], faith: 0, onDialysis: false },
  { weight: 20, acute: [1, 3], lasting: [1, 1], faith: 0.5, onDialysis: false },
  { weight: 10, acute: [3, 6], lasting: [2, 4], faith: 0.9, onDialysis: false },
  { weight: 2, acute: [2, 5], lasting: [1, 3], faith: 0.5, onDialysis: true },
];
/** Ages in months at which a child is brought for its vaccinations. */
const WELL_CHILD_MONTHS = [1, 2, 4, 6, 12, 18, 24, 48];
const DAYS_PER_MONTH = 30.44;
/** Nobody falls ill later than this before the end of the records, so that care can be completed. */
const MARGIN_DAYS = 5;

export function drawHabit(chance: Chance): Habit {
  const habit = chance.weighted(HABITS);
  if (habit === undefined) throw new Error('No habit is known.');
  return habit;
}

/** The visits of a patient in the order of their days: after birth, before the end, on days a clinic is open. */
export function courseOf(chance: Chance, person: Person, habit: Habit): Visit[] {
  const since = later(person.birth, RECORDS_SINCE);
  const last = addDays(person.until, -MARGIN_DAYS);
  const onset = () => chance.between(addDays(since, 3), later(addDays(since, 3), last));
  const visits = childhoodVisits(chance, person, last);
  for (let count = chance.within(habit.acute); count > 0; count--) {
    const day = onset();
    const condition = chance.weighted(among(ACUTE_CONDITIONS, person, day));
    if (condition !== undefined) visits.push(...visitsFor(chance, condition, day, last, 1));
  }
  const met = new Set<string>();
  for (let count = chance.within(habit.lasting); count > 0; count--) {
    const day = onset();
    const open = among(LASTING_CONDITIONS, person, day).filter(({ icd }) => !met.has(icd));
    const condition = chance.weighted(open);
    if (condition === undefined) continue;
    met.add(condition.icd);
    visits.push(...visitsFor(chance, condition, day, last, habit.faith));
  }
  if (habit.onDialysis) {
    const room = daysBetween(since, last) - DIALYSIS.followUps[1] * DIALYSIS.every * 1.4;
    visits.push(...visitsFor(chance, DIALYSIS, addDays(since, chance.whole(3, Math.max(3, room))), last, 1));
  }
  if (yearsBetween(person.birth, last) >= 18 && (visits.length === 0 || chance.happens(0.3)))
    visits.push(...visitsFor(chance, ADULT_CHECK_UP, onset(), last, 1));
  return visits.sort((a, b) => a.day.getTime() - b.day.getTime());
}

/** The conditions that a person of this age and gender may have. */
function among(conditions: readonly Condition[], { birth, gender }: Person, day: Date): Condition[] {
  const age = yearsBetween(birth, day);
  return conditions.filter(
    ({ ages, gender: only }) => age >= ages[0] && age <= ages[1] && (only ?? gender) === gender,
  );
}

function visitsFor(chance: Chance, condition: Condition, onset: Date, last: Date, faith: number): Visit[] {
  const first = clinicDay(onset);
  const visits: Visit[] = [{ day: first, condition, opening: true }];
  const followUps = Math.round(chance.within(condition.followUps) * faith);
  let day = addDays(first, condition.stay?.[1] ?? 0);
  for (let n = 0; n < followUps; n++) {
    day = clinicDay(addDays(day, condition.every * (0.85 + chance.whole(0, 60) / 100)));
    // A clinic's day never falls back on the one before it.
    if (day <= (visits.at(-1)?.day ?? first)) day = clinicDay(addDays(day, 4));
    if (day > last) break;
    visits.push({ day, condition, opening: false });
  }
  return visits;
}

function childhoodVisits(chance: Chance, { birth }: Person, last: Date): Visit[] {
  if (birth < RECORDS_SINCE || chance.happens(0.25)) return [];
  return WELL_CHILD_MONTHS.map((month) => clinicDay(addDays(birth, month * DAYS_PER_MONTH + 4)))
    .filter((day) => day <= last)
    .map((day, index) => ({ day, condition: WELL_CHILD_VISIT, opening: index === 0 }));
}
