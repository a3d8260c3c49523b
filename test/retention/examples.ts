/** A policy with one of everything. */
export const WHOLE = `# Signed
version: 1
signedOff: { by: "Dr. A. Yılmaz, data controller", on: 2026-11-30 }
rules:
  Allergy:      { keep: P20Y, from: LAST_CONTACT, dates: [resolved_date], ground: HEALTH_RECORDS }
  CarePlan:     { keep: P20Y, from: LAST_CONTACT, dates: [end_date, start_date], ground: HEALTH_RECORDS }
  Device:       { keep: P30Y6M, from: ROW, dates: [ended_at], ground: FORENSIC }
  Diagnosis:    { keep: P20Y, from: LAST_CONTACT, dates: [onset_date], ground: HEALTH_RECORDS }
  Examination:  { keep: P20Y, from: LAST_CONTACT, dates: [ended_at, started_at], ground: HEALTH_RECORDS }
  ImagingStudy: { keep: P20Y, from: LAST_CONTACT, dates: [performed_at], ground: HEALTH_RECORDS }
  Immunization: { keep: P20Y, from: LAST_CONTACT, dates: [administered_at], ground: HEALTH_RECORDS }
  Prescription: { keep: P20Y, from: LAST_CONTACT, dates: [ended_at, started_at], ground: HEALTH_RECORDS }
  Procedure:    { keep: P20Y, from: LAST_CONTACT, dates: [performed_at], ground: HEALTH_RECORDS }
  Supply:       { keep: P18M, from: ROW, dates: [supplied_on], ground: CONTRACT }
  TestResult:   { keep: P20Y, from: LAST_CONTACT, dates: [observed_at], ground: HEALTH_RECORDS }
  FinancialTransaction: { keep: P5Y, from: END_OF_YEAR, dates: [to_at, from_at], ground: TAX_RECORDS }
  InsuranceCoverage:    { keep: P10Y, from: END_OF_YEAR, dates: [ends_at], ground: INSURANCE }
  Invoice:
    keep: P10Y
    from: END_OF_YEAR
    dates: [last_billed_at, service_at]
    ground: COMMERCIAL_RECORDS
`;

/** Another spelling and another order of the same. */
export const SAME = `
rules:
  Invoice: { dates: [service_at, last_billed_at], keep: P120M, from: END_OF_YEAR, ground: COMMERCIAL_RECORDS }
  InsuranceCoverage:    { keep: P10Y0M, from: END_OF_YEAR, dates: [ends_at], ground: INSURANCE }
  FinancialTransaction: { keep: P05Y, from: "END_OF_YEAR", dates: [from_at, to_at], ground: TAX_RECORDS }
  Supply:       { keep: P1Y6M, from: ROW, dates: ["supplied_on"], ground: CONTRACT }
  Procedure:    { keep: P20Y, from: LAST_CONTACT, dates: [performed_at], ground: HEALTH_RECORDS }
  Prescription: { keep: P20Y, from: LAST_CONTACT, dates: [started_at, ended_at], ground: HEALTH_RECORDS }
  TestResult:   { keep: P20Y, from: LAST_CONTACT, dates: [observed_at], ground: HEALTH_RECORDS }
  Immunization: { keep: P20Y, from: LAST_CONTACT, dates: [administered_at], ground: HEALTH_RECORDS }
  ImagingStudy: { keep: P20Y, from: LAST_CONTACT, dates: [performed_at], ground: HEALTH_RECORDS }
  Examination:  { keep: P19Y12M, from: LAST_CONTACT, dates: [started_at, ended_at], ground: HEALTH_RECORDS }
  Diagnosis:    { keep: P20Y0D, from: LAST_CONTACT, dates: [onset_date], ground: HEALTH_RECORDS }
  Device:       { keep: P366M, from: ROW, dates: [ended_at], ground: FORENSIC }
  CarePlan:     { keep: P20Y, from: LAST_CONTACT, dates: [start_date, end_date], ground: HEALTH_RECORDS }
  Allergy:      { keep: P20Y, from: LAST_CONTACT, dates: [resolved_date], ground: HEALTH_RECORDS }
signedOff:
  on: '2026-11-30'
  by: Dr. A. Yılmaz, data controller
version: 1
`;
