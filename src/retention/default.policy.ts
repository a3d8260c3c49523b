import { adoptedTables, patientOwnedTables } from '../shards/index.js';
import { IN_NO_FILE } from '../yaml/index.js';
import { checkedPolicy } from './check.policy.js';
import { RetentionPolicy } from './retention.policy.js';

/** Sources conflict: 10, 15 and 20 years. */
const healthRecords = (...dates: string[]) => ({
  keep: 'P20Y',
  from: 'LAST_CONTACT',
  dates,
  ground: 'HEALTH_RECORDS',
});

/** TTK 82: ten years from the end of the calendar year. */
const records = (ground: string, ...dates: string[]) => ({
  keep: 'P10Y',
  from: 'END_OF_YEAR',
  dates,
  ground,
});

/** What is in force where no file is named, as a file would say it. Nobody has signed it off. */
export const DEFAULT_POLICY = {
  version: 1,
  rules: {
    Allergy: healthRecords('onset_date', 'resolved_date'),
    CarePlan: healthRecords('start_date', 'end_date'),
    Device: healthRecords('started_at', 'ended_at'),
    Diagnosis: healthRecords('onset_date', 'resolved_date'),
    Examination: healthRecords('started_at', 'ended_at'),
    ImagingStudy: healthRecords('performed_at'),
    Immunization: healthRecords('administered_at'),
    Prescription: healthRecords('started_at', 'ended_at'),
    Procedure: healthRecords('performed_at', 'ended_at'),
    Supply: healthRecords('supplied_on'),
    TestResult: healthRecords('observed_at'),
    FinancialTransaction: records('COMMERCIAL_RECORDS', 'from_at', 'to_at'),
    InsuranceCoverage: records('INSURANCE', 'starts_at', 'ends_at'),
    Invoice: records('COMMERCIAL_RECORDS', 'service_at', 'last_billed_at'),
  },
};

/**
 * The default policy, checked as a file is. It has no rule for a table that was added and is not named above, and none
 * at all where a hospital has declared its own tables: rows without a rule are kept.
 *
 * @throws PolicyRefused where a rule above is wrong
 */
export function defaultPolicy(): RetentionPolicy {
  if (adoptedTables() !== undefined) return new RetentionPolicy([], null, true);
  const tables = patientOwnedTables().filter(({ resourceType }) =>
    Object.hasOwn(DEFAULT_POLICY.rules, resourceType),
  );
  const written = { content: DEFAULT_POLICY, places: IN_NO_FILE, unclear: [] };
  return checkedPolicy(written, { name: 'the default retention policy', tables, isDefault: true });
}
