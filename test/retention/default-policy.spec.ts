import { expect, it } from '@jest/globals';
// The entities declare the tables.
import '../../src/app.module.js';
import { stringify } from 'yaml';
import { DEFAULT_POLICY, defaultPolicy, readRetentionPolicy } from '../../src/retention/index.js';
import { patientOwnedTables } from '../../src/shards/index.js';

it('the default policy has a rule for every table but the patient’s own, and nobody has signed it off', () => {
  const { rules, signedOff, isDefault } = defaultPolicy();
  const types = patientOwnedTables().map(({ resourceType }) => resourceType);
  expect(rules.map(({ resourceType }) => resourceType)).toEqual(
    types.filter((type) => type !== 'PatientDemographics'),
  );
  expect({ signedOff, isDefault }).toEqual({ signedOff: null, isDefault: true });
  // Nor one for a type that is not there any more.
  expect(Object.keys(DEFAULT_POLICY.rules).toSorted()).toEqual(
    rules.map(({ resourceType }) => resourceType).toSorted(),
  );
});

it('the default policy keeps health records for 20 years from the last contact, and the rest for 10 from the end of the year', () => {
  for (const { shard, keep, from } of defaultPolicy().rules)
    expect({ shard, keep, from }).toEqual(
      shard === 'clinical'
        ? { shard, keep: 'P20Y', from: 'LAST_CONTACT' }
        : { shard: 'finance', keep: 'P10Y', from: 'END_OF_YEAR' },
    );
});

it('the default policy, written to a file, is the same policy', () => {
  const read = readRetentionPolicy(stringify(DEFAULT_POLICY), 'policy.yaml', '2026-12-01');
  const { rules, digest } = defaultPolicy();
  expect(read).toMatchObject({ rules, digest, isDefault: false });
});
