/** A folder of Synthea's with one row in every file, in which no two cells hold the same. */

export const PATIENT = '10000000-0000-4000-8000-00000000000a';

/** Headers by what stands below them, each with the column that it goes to: null where it is not imported. */
type Columns = Readonly<Record<string, string | null>>;

/** One file, as Synthea documents it, and the table that it fills. */
interface SyntheaFile {
  readonly table: string;
  /** Header of the column that says whose row it is. */
  readonly patient: string;
  readonly uuid?: Columns;
  readonly text?: Columns;
  readonly date?: Columns;
  readonly time?: Columns;
  readonly amount?: Columns;
  readonly count?: Columns;
  /** Columns that are made of several cells, or of none. */
  readonly made?: (given: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
}

const CODED = { CODE: 'code', DESCRIPTION: 'description' };
const REASON = { REASONCODE: 'reason_code', REASONDESCRIPTION: 'reason_description' };
const ENCOUNTER = { ENCOUNTER: 'examination_id' };
const DIAGNOSES = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `DIAGNOSIS${n}`);

/** Written out, so that the import's own mappings are checked. */
export const FILES: Readonly<Record<string, SyntheaFile>> = {
  patients: {
    table: 'patient.sharded_patient_demographics',
    patient: 'Id',
    text: {
      SSN: 'national_id',
      DRIVERS: 'driving_licence',
      PASSPORT: 'passport_number',
      PREFIX: 'name_prefix',
      FIRST: 'given_name',
      MIDDLE: 'middle_name',
      LAST: 'family_name',
      SUFFIX: 'name_suffix',
      MAIDEN: 'maiden_name',
      MARITAL: 'marital_status',
      RACE: 'race',
      ETHNICITY: 'ethnicity',
      GENDER: 'gender',
      BIRTHPLACE: 'birth_place',
      ADDRESS: 'address',
      CITY: 'city',
      STATE: 'province',
      COUNTY: 'district',
      FIPS: null,
      ZIP: 'postal_code',
    },
    date: { BIRTHDATE: 'birth_date', DEATHDATE: 'death_date' },
    amount: {
      LAT: 'latitude',
      LON: 'longitude',
      HEALTHCARE_EXPENSES: 'healthcare_expenses',
      HEALTHCARE_COVERAGE: 'healthcare_coverage',
      INCOME: 'income',
    },
    made: () => ({ record_number: 'SYN-10000000-0000-4000-8000-00000000000A', phone: null, email: null }),
  },
  encounters: {
    table: 'clinical.sharded_muayene',
    patient: 'PATIENT',
    uuid: { Id: 'id', ORGANIZATION: 'organization_id', PROVIDER: 'provider_id', PAYER: 'payer_id' },
    text: { ENCOUNTERCLASS: 'encounter_class', ...CODED, ...REASON },
    time: { START: 'started_at', STOP: 'ended_at' },
    amount: {
      BASE_ENCOUNTER_COST: 'base_cost',
      TOTAL_CLAIM_COST: 'total_cost',
      PAYER_COVERAGE: 'payer_coverage',
    },
  },
  conditions: {
    table: 'clinical.sharded_tani',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: { SYSTEM: 'code_system', ...CODED },
    date: { START: 'onset_date', STOP: 'resolved_date' },
  },
  medications: {
    table: 'clinical.sharded_recete',
    patient: 'PATIENT',
    uuid: { ...ENCOUNTER, PAYER: 'payer_id' },
    text: { ...CODED, ...REASON },
    time: { START: 'started_at', STOP: 'ended_at' },
    amount: { BASE_COST: 'base_cost', PAYER_COVERAGE: 'payer_coverage', TOTALCOST: 'total_cost' },
    count: { DISPENSES: 'dispenses' },
  },
  observations: {
    table: 'clinical.sharded_tetkik_sonuc',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: { CATEGORY: 'category', ...CODED, VALUE: 'value', UNITS: 'unit', TYPE: 'value_type' },
    time: { DATE: 'observed_at' },
  },
  procedures: {
    table: 'clinical.sharded_tibbi_islem',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: { SYSTEM: 'code_system', ...CODED, ...REASON },
    time: { START: 'performed_at', STOP: 'ended_at' },
    amount: { BASE_COST: 'base_cost' },
  },
  immunizations: {
    table: 'clinical.sharded_asi',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: CODED,
    time: { DATE: 'administered_at' },
    amount: { BASE_COST: 'base_cost' },
  },
  allergies: {
    table: 'clinical.sharded_alerji',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: {
      SYSTEM: 'code_system',
      ...CODED,
      TYPE: 'allergy_type',
      CATEGORY: 'category',
      REACTION1: null,
      DESCRIPTION1: null,
      SEVERITY1: null,
      REACTION2: null,
      DESCRIPTION2: null,
      SEVERITY2: null,
    },
    date: { START: 'onset_date', STOP: 'resolved_date' },
    made: (given) => ({
      reactions: [1, 2].map((n) => ({
        code: given[`REACTION${n}`],
        description: given[`DESCRIPTION${n}`],
        severity: given[`SEVERITY${n}`],
      })),
    }),
  },
  careplans: {
    table: 'clinical.sharded_bakim_plani',
    patient: 'PATIENT',
    uuid: { Id: 'id', ...ENCOUNTER },
    text: { ...CODED, ...REASON },
    date: { START: 'start_date', STOP: 'end_date' },
  },
  imaging_studies: {
    table: 'clinical.sharded_goruntuleme',
    patient: 'PATIENT',
    uuid: { Id: 'study_id', ...ENCOUNTER },
    text: {
      SERIES_UID: 'series_uid',
      BODYSITE_CODE: 'body_site_code',
      BODYSITE_DESCRIPTION: 'body_site',
      MODALITY_CODE: 'modality_code',
      MODALITY_DESCRIPTION: 'modality',
      INSTANCE_UID: 'instance_uid',
      SOP_CODE: 'sop_code',
      SOP_DESCRIPTION: 'sop_description',
      PROCEDURE_CODE: 'procedure_code',
    },
    time: { DATE: 'performed_at' },
  },
  devices: {
    table: 'clinical.sharded_cihaz',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: { ...CODED, UDI: 'udi' },
    time: { START: 'started_at', STOP: 'ended_at' },
  },
  supplies: {
    table: 'clinical.sharded_malzeme',
    patient: 'PATIENT',
    uuid: ENCOUNTER,
    text: CODED,
    date: { DATE: 'supplied_on' },
    count: { QUANTITY: 'quantity' },
  },
  claims: {
    table: 'finance.sharded_fatura',
    patient: 'PATIENTID',
    uuid: {
      Id: 'id',
      PROVIDERID: 'provider_id',
      PRIMARYPATIENTINSURANCEID: 'primary_insurance_id',
      SECONDARYPATIENTINSURANCEID: 'secondary_insurance_id',
      REFERRINGPROVIDERID: null,
      APPOINTMENTID: 'examination_id',
      SUPERVISINGPROVIDERID: null,
    },
    text: {
      DEPARTMENTID: 'department_id',
      PATIENTDEPARTMENTID: null,
      ...Object.fromEntries(DIAGNOSES.map((header) => [header, null])),
      STATUS1: 'primary_status',
      STATUS2: 'secondary_status',
      STATUSP: 'patient_status',
      HEALTHCARECLAIMTYPEID1: null,
      HEALTHCARECLAIMTYPEID2: null,
    },
    time: {
      CURRENTILLNESSDATE: 'illness_at',
      SERVICEDATE: 'service_at',
      LASTBILLEDDATE1: null,
      LASTBILLEDDATE2: null,
      // The last of the three.
      LASTBILLEDDATEP: 'last_billed_at',
    },
    amount: {
      OUTSTANDING1: 'primary_outstanding',
      OUTSTANDING2: 'secondary_outstanding',
      OUTSTANDINGP: 'patient_outstanding',
    },
    made: (given) => ({ diagnosis_codes: DIAGNOSES.map((header) => given[header]) }),
  },
  claims_transactions: {
    table: 'finance.sharded_finans_islem',
    patient: 'PATIENTID',
    uuid: {
      ID: 'id',
      CLAIMID: 'invoice_id',
      PLACEOFSERVICE: null,
      APPOINTMENTID: 'examination_id',
      PATIENTINSURANCEID: null,
      PROVIDERID: 'provider_id',
      SUPERVISINGPROVIDERID: null,
    },
    text: {
      CHARGEID: 'charge_id',
      TYPE: 'transaction_type',
      METHOD: 'method',
      PROCEDURECODE: 'procedure_code',
      MODIFIER1: null,
      MODIFIER2: null,
      DIAGNOSISREF1: null,
      DIAGNOSISREF2: null,
      DIAGNOSISREF3: null,
      DIAGNOSISREF4: null,
      DEPARTMENTID: null,
      NOTES: 'note',
      TRANSFEROUTID: null,
      TRANSFERTYPE: 'transfer_type',
      LINENOTE: null,
      FEESCHEDULEID: null,
    },
    time: { FROMDATE: 'from_at', TODATE: 'to_at' },
    amount: {
      AMOUNT: 'amount',
      UNITAMOUNT: 'unit_amount',
      PAYMENTS: 'payments',
      ADJUSTMENTS: 'adjustments',
      TRANSFERS: 'transfers',
      OUTSTANDING: 'outstanding',
    },
    count: { UNITS: 'units' },
  },
  payer_transitions: {
    table: 'finance.sharded_sigorta',
    patient: 'PATIENT',
    uuid: { PAYER: 'payer_id', SECONDARY_PAYER: 'secondary_payer_id' },
    text: { MEMBERID: 'member_id', PLAN_OWNERSHIP: 'plan_ownership', OWNER_NAME: 'owner_name' },
    time: { START_DATE: 'starts_at', END_DATE: 'ends_at' },
  },
};
