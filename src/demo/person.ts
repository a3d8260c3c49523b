import { addDays, isoDate, REFERENCE_DATE, yearsBetween } from './calendar.js';
import type { Chance } from './chance.js';
import { invalidNationalId } from './national.id.js';
import { FEMALE_NAMES, type Generation, MALE_NAMES, PROVINCES } from './vocabulary/index.js';

/** What the course of a patient's care depends on. */
export interface Person {
  readonly gender: 'F' | 'M';
  readonly birth: Date;
  readonly death: Date | null;
  /** The last moment at which the hospital may have seen the patient. */
  readonly until: Date;
  /** As an adult: centimetres, and kilograms per square metre. */
  readonly height: number;
  readonly bodyMassIndex: number;
}

const AGE_BANDS = [
  { from: 0, to: 6, weight: 9 },
  { from: 7, to: 17, weight: 9 },
  { from: 18, to: 39, weight: 30 },
  { from: 40, to: 64, weight: 32 },
  { from: 65, to: 91, weight: 20 },
];

/** @param ages makes the person of such an age, in years, where given */
export function drawPerson(chance: Chance, ages?: readonly [number, number]): Person {
  const band = chance.weighted(AGE_BANDS) ?? { from: 18, to: 80 };
  const [from, to] = ages ?? [band.from, band.to];
  const birth = addDays(REFERENCE_DATE, -Math.floor(chance.whole(from, to) * 365.25) - chance.whole(40, 360));
  const old = yearsBetween(birth, REFERENCE_DATE) > 62;
  const gender = chance.happens(0.52) ? 'F' : 'M';
  const death = old && chance.happens(0.12) ? addDays(REFERENCE_DATE, -chance.whole(20, 700)) : null;
  return {
    gender,
    birth,
    death,
    until: death ?? REFERENCE_DATE,
    height: chance.normal(gender === 'F' ? 161 : 174, 6),
    bodyMassIndex: chance.normal(27, 3.2),
  };
}

/** The demographics row, without what care has cost so far. */
export function demographicsOf(chance: Chance, person: Person, recordNumber: string) {
  const { faker } = chance;
  const { gender, birth, death } = person;
  const age = yearsBetween(birth, person.until);
  const givenName = chance.pick((gender === 'F' ? FEMALE_NAMES : MALE_NAMES)[generationOf(birth)]);
  const familyName = faker.person.lastName();
  const home = chance.weighted(PROVINCES) ?? PROVINCES[0];
  const maritalStatus = maritalStatusAt(chance, age);
  return {
    recordNumber,
    nationalId: invalidNationalId(chance),
    namePrefix: age > 27 && chance.happens(0.02) ? 'Dr.' : null,
    givenName,
    middleName: chance.happens(0.12)
      ? chance.pick((gender === 'F' ? FEMALE_NAMES : MALE_NAMES).middle)
      : null,
    familyName,
    maidenName: gender === 'F' && maritalStatus !== 'S' ? faker.person.lastName() : null,
    birthDate: isoDate(birth),
    deathDate: death && isoDate(death),
    birthPlace: chance.weighted(PROVINCES)?.name,
    gender,
    maritalStatus,
    drivingLicence: age >= 18 && chance.happens(0.5) ? String(chance.whole(100_000, 999_999)) : null,
    // No code of an area or of a mobile network begins with 1, and RFC 2606 keeps example.com unassigned.
    phone: `+90 1${chance.whole(10, 99)} ${chance.whole(100, 999)} ${chance.whole(10, 99)} ${chance.whole(10, 99)}`,
    email:
      age >= 18 && chance.happens(0.6)
        ? `${ascii(givenName)}.${ascii(familyName)}${chance.whole(1, 99)}@example.com`
        : null,
    address: `${faker.location.streetAddress()} D:${chance.whole(1, 24)}`,
    city: home?.name,
    district: chance.pick(home?.districts ?? []),
    province: home?.name,
    postalCode: `${home?.plate ?? ''}${chance.whole(100, 999)}`,
    latitude: near(chance, home?.latitude ?? 0),
    longitude: near(chance, home?.longitude ?? 0),
  };
}

function generationOf(birth: Date): Generation {
  if (birth.getUTCFullYear() < 1965) return 'older';
  return birth.getUTCFullYear() < 2000 ? 'middle' : 'younger';
}

/** S single, M married, D divorced, W widowed. */
function maritalStatusAt(chance: Chance, age: number): string {
  if (age < 20) return 'S';
  if (age < 32) return chance.pick(['S', 'S', 'M']);
  return age < 68 ? chance.pick(['M', 'M', 'M', 'M', 'D', 'S']) : chance.pick(['M', 'M', 'M', 'W', 'W']);
}

/** Some kilometres around a province's centre, to four decimals. */
function near(chance: Chance, degrees: number): number {
  return Number((degrees + chance.normal(0, 0.04)).toFixed(4));
}

/** Turkish letters as an e-mail address writes them. */
function ascii(name: string): string {
  const plain = name.toLocaleLowerCase('tr').replaceAll('ı', 'i').normalize('NFD');
  return plain.replace(/[^a-z]/g, '');
}
