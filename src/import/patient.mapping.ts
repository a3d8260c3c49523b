import { date, decimal, double, newer, required, text, uuid } from './cell.js';
import type { FileMapping } from './file.mapping.js';

/** Whoever is imported has a record number that tells where it is from, and the same at every import. */
const RECORD_NUMBER = 'SYN-';

export const PATIENTS: FileMapping = {
  file: 'patients',
  resourceType: 'PatientDemographics',
  patient: 'ID',
  rowId: 'patient',
  properties: {
    recordNumber: {
      cells: [uuid('ID')],
      combine: ([id]) => `${RECORD_NUMBER}${String(id).slice(0, 8).toUpperCase()}`,
    },
    nationalId: text('SSN'),
    namePrefix: text('PREFIX'),
    givenName: required(text('FIRST')),
    middleName: newer(text('MIDDLE')),
    familyName: required(text('LAST')),
    nameSuffix: text('SUFFIX'),
    maidenName: text('MAIDEN'),
    birthDate: date('BIRTHDATE'),
    deathDate: date('DEATHDATE'),
    birthPlace: text('BIRTHPLACE'),
    gender: text('GENDER'),
    maritalStatus: text('MARITAL'),
    race: text('RACE'),
    ethnicity: text('ETHNICITY'),
    drivingLicence: text('DRIVERS'),
    passportNumber: text('PASSPORT'),
    address: text('ADDRESS'),
    city: text('CITY'),
    district: text('COUNTY'),
    province: text('STATE'),
    postalCode: text('ZIP'),
    latitude: double('LAT'),
    longitude: double('LON'),
    healthcareExpenses: decimal('HEALTHCARE_EXPENSES'),
    healthcareCoverage: decimal('HEALTHCARE_COVERAGE'),
    income: newer(decimal('INCOME')),
  },
};
