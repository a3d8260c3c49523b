const CLINICAL = { shard: 'clinical', keep: 'P20Y', from: 'LAST_CONTACT', ground: 'HEALTH_RECORDS' };
const FINANCE = { shard: 'finance', keep: 'P10Y', from: 'END_OF_YEAR', ground: 'COMMERCIAL_RECORDS' };

export const SIGN_OFF = { by: 'Dr. A. Yılmaz, data controller', on: '2026-11-30' };

export const RULES = [
  { resourceType: 'Invoice', table: 'sharded_fatura', dates: ['last_billed_at', 'service_at'], ...FINANCE },
  { resourceType: 'Examination', table: 'sharded_muayene', dates: ['ended_at', 'started_at'], ...CLINICAL },
];

/** A policy of two tables, signed off: an example of the API's documentation. */
export const POLICY = {
  source: 'FILE',
  digest: '3f8a1c5e7b9d2046f1e3a5c7092b4d6e8fa1c3e5d7b90214365870a9bcdeef01',
  signedOff: SIGN_OFF,
  rules: RULES,
};
