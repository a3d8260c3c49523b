import { absentInOld, date, decimal, double, newer, open, required, text, uuid } from './cell.js';
import type { FileMapping } from './file.mapping.js';

/**
 * Whoever is imported has a record number that tells where it is from, the same at every import and of nobody else:
 * it holds the whole id, for of a million patients some hundred share the first eight digits of theirs.
 */
const RECORD_NUMBER = 'SYN-';

export const PATIENTS: FileMapping = {
  file: 'patients',
  resourceType: 'PatientDemographics',
  patient: 'ID',
  rowId: 'patient',
  properties: {
    recordNumber: {
      cells: [uuid('ID')],
      combine: ([id]) => `${RECORD_NUMBER}${String(id).toUpperCase()}`,
    },
    nationalId: text('SSN'),
    namePrefix: text('PREFIX'),
    givenName: required(text('FIRST')),
    middleName: newer(text('MIDDLE')),
    familyName: required(text('LAST')),
    nameSuffix: text('SUFFIX'),
    maidenName: text('MAIDEN'),
    birthDate: date('BIRTHDATE'),
    deathDate: open(date('DEATHDATE')),
    birthPlace: text('BIRTHPLACE'),
    gender: text('GENDER'),
    maritalStatus: text('MARITAL'),
    race: text('RACE'),
    ethnicity: text('ETHNICITY'),
    drivingLicence: text('DRIVERS'),
    passportNumber: text('PASSPORT'),
    address: text('ADDRESS'),
    city: absentInOld(text('CITY')),
    district: absentInOld(text('COUNTY')),
    province: absentInOld(text('STATE')),
    postalCode: absentInOld(text('ZIP')),
    latitude: absentInOld(double('LAT')),
    longitude: absentInOld(double('LON')),
    healthcareExpenses: absentInOld(decimal('HEALTHCARE_EXPENSES')),
    healthcareCoverage: absentInOld(decimal('HEALTHCARE_COVERAGE')),
    income: newer(decimal('INCOME')),
  },
};
