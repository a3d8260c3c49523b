import type { MedicationKey } from './medications.js';
import type { TestKey } from './tests.js';
import type { CarePlanKey, DeviceKey, ImagingKey, ProcedureKey, SupplyKey } from './treatments.js';

/** What a patient comes with, who sees it and what is usually done about it. */
export interface Condition {
  /** ICD-10. */
  readonly icd: string;
  readonly name: string;
  /** The outpatient clinic that sees it, without the word for clinic. */
  readonly clinic: string;
  /** Age in years at which it occurs. */
  readonly ages: readonly [from: number, to: number];
  readonly gender?: 'F' | 'M';
  readonly weight: number;
  /** Days after which it is over; lasting where left out. */
  readonly lasts?: number;
  /** Visits after the first one, and the days between them. */
  readonly followUps: readonly [from: number, to: number];
  readonly every: number;
  /** How it begins: in the emergency department, or with so many days in hospital. */
  readonly urgent?: boolean;
  readonly stay?: readonly [from: number, to: number];
  readonly medications: readonly MedicationKey[];
  readonly tests: readonly TestKey[];
  readonly procedure?: ProcedureKey;
  readonly imaging?: ImagingKey;
  readonly supply?: SupplyKey;
  readonly device?: DeviceKey;
  readonly plan?: CarePlanKey;
}
