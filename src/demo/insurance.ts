import { addDays, later, midnight, RECORDS_SINCE, yearsBetween } from './calendar.js';
import type { Chance } from './chance.js';
import { demoId, type PatientRows } from './patient.rows.js';
import type { Person } from './person.js';
import { type Insurer, MALE_NAMES, PRIVATE_INSURERS, STATUTORY_INSURERS } from './vocabulary/index.js';

/** Who pays for a patient. */
export interface Insurance {
  readonly payerId: string;
  readonly secondaryPayerId: string | null;
  /** Share of a charge that the statutory insurer takes over, 0 to 1. */
  readonly share: number;
  /** Share that the private one adds. */
  readonly secondaryShare: number;
  /** Names of the statutory and, where there is one, of the private insurer. */
  readonly names: readonly [string, string | undefined];
}

/**
 * Adds the patient's periods of cover; the last one is open and is the one that pays.
 *
 * @param names the patient's given and family name
 */
export function addInsurance(
  rows: PatientRows,
  chance: Chance,
  person: Person,
  names: { givenName: string; familyName: string },
): Insurance {
  const since = later(person.birth, RECORDS_SINCE);
  const insurer = drawStatutory(chance);
  const other = chance.happens(0.17) ? chance.weighted(PRIVATE_INSURERS) : undefined;
  const minor = yearsBetween(person.birth, person.until) < 18;
  const planOwnership = minor ? 'Guardian' : chance.pick(['Self', 'Self', 'Self', 'Spouse']);
  const ownerGivenName = planOwnership === 'Self' ? names.givenName : chance.pick(MALE_NAMES.middle);
  const cover = {
    memberId: `SGK-${chance.whole(10_000_000, 99_999_999)}`,
    planOwnership,
    ownerName: `${ownerGivenName} ${names.familyName}`,
  };
  const changed = chance.happens(0.4) ? midnight(chance.between(since, person.until)) : since;
  if (changed > since)
    addCover(rows, cover, drawStatutory(chance), undefined, since, later(since, addDays(changed, -1)));
  addCover(rows, cover, insurer, other, changed, person.death);
  return {
    payerId: demoId('insurer', insurer.key),
    secondaryPayerId: other === undefined ? null : demoId('insurer', other.key),
    share: insurer.share,
    secondaryShare: Math.min(other?.share ?? 0, 1 - insurer.share),
    names: [insurer.name, other?.name],
  };
}

function addCover(
  rows: PatientRows,
  cover: { memberId: string; planOwnership: string; ownerName: string },
  insurer: Insurer,
  other: Insurer | undefined,
  startsAt: Date,
  endsAt: Date | null,
): void {
  rows.add('InsuranceCoverage', {
    ...cover,
    payerId: demoId('insurer', insurer.key),
    secondaryPayerId: other === undefined ? null : demoId('insurer', other.key),
    startsAt,
    endsAt,
  });
}

function drawStatutory(chance: Chance): Insurer {
  const insurer = chance.weighted(STATUTORY_INSURERS);
  if (insurer === undefined) throw new Error('The vocabulary names no insurer.');
  return insurer;
}
