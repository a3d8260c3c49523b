import { CLINICAL } from './clinical.mapping.js';
import type { FileMapping } from './file.mapping.js';
import { FINANCE } from './finance.mapping.js';
import { PATIENTS } from './patient.mapping.js';

/** Every file that holds rows about patients; the patients themselves come first. */
export const MAPPINGS: readonly FileMapping[] = [PATIENTS, ...CLINICAL, ...FINANCE];

/** Files of Synthea whose rows are about nobody in particular. */
export const NOT_PATIENT_OWNED: readonly string[] = ['organizations', 'payers', 'providers'];

/** Files of Synthea about patients for which there is no table: it sums up what claims and payer_transitions say. */
export const WITHOUT_TABLE: readonly string[] = ['patient_expenses'];
