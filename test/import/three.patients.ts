/** A small folder of Synthea's, written by hand: three patients with rows in six files. */

export const ANA = '10000000-0000-4000-8000-00000000000a';
export const BEN = '20000000-0000-4000-8000-00000000000b';
export const CAN = '30000000-0000-4000-8000-00000000000c';
/** A patient of whom there is no row in the patients file. */
export const STRANGER = '40000000-0000-4000-8000-00000000000d';

const PATIENT_HEADER =
  'Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,' +
  'BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME';

function patient(id: string, first: string, address: string): string {
  return (
    `${id},1980-05-17,,999-00-0001,,,Ms.,${first},,Yıldız,,,M,white,nonhispanic,F,Muğla,${address},Muğla,Muğla,Menteşe,,` +
    '48000,37.215,28.36,10.50,2.25,1000'
  );
}

function encounterOf(id: string): string {
  return id.replace('-4000-8000-', '-4000-9000-');
}

function claim(id: string, status: string): string {
  return (
    `${id.replace('-4000-8000-', '-4000-a000-')},${id},,,,20,38341003,,44054006,,,,,,,${encounterOf(id)},` +
    `2024-01-02T03:04:05Z,2024-01-02T03:04:05Z,,${status},,CLOSED,0,,0.50,2024-01-03T00:00:00Z,,2024-02-01T00:00:00Z,1,1`
  );
}

const EVERYBODY = [ANA, BEN, CAN];
const CLAIM_HEADER =
  'Id,PATIENTID,PROVIDERID,PRIMARYPATIENTINSURANCEID,SECONDARYPATIENTINSURANCEID,DEPARTMENTID,DIAGNOSIS1,DIAGNOSIS2,' +
  'DIAGNOSIS3,DIAGNOSIS4,DIAGNOSIS5,DIAGNOSIS6,DIAGNOSIS7,DIAGNOSIS8,REFERRINGPROVIDERID,APPOINTMENTID,' +
  'CURRENTILLNESSDATE,SERVICEDATE,SUPERVISINGPROVIDERID,STATUS1,STATUS2,STATUSP,OUTSTANDING1,OUTSTANDING2,OUTSTANDINGP,' +
  'LASTBILLEDDATE1,LASTBILLEDDATE2,LASTBILLEDDATEP,HEALTHCARECLAIMTYPEID1,HEALTHCARECLAIMTYPEID2';

/** Lines of every file, header first; each patient's rows in the order Ana, Ben, Can. */
export function threePatients(): Record<string, string[]> {
  const rows = (row: (id: string) => string | string[]) => EVERYBODY.flatMap(row);
  return {
    patients: [
      PATIENT_HEADER,
      patient(ANA, 'Işıl', '"Kat 2\nNo: 5, ""Deniz"" Apt."'),
      patient(BEN, 'Ben', 'Sokak 1'),
      patient(CAN, 'Can', 'Sokak 2'),
    ],
    encounters: [
      'Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,' +
        'TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION',
      ...rows(
        (id) =>
          `${encounterOf(id)},2024-01-02T03:04:05Z,2024-01-02T04:04:05Z,${id},,,,wellness,1,Visit,0.10,20.00,0,,`,
      ),
    ],
    conditions: [
      'START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION',
      ...rows((id) => `2024-01-02,,${id},${encounterOf(id)},38341003,Hypertension`),
    ],
    supplies: [
      'DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY',
      ...rows((id) => Array<string>(2).fill(`2024-01-02,${id},${encounterOf(id)},337388004,Strips,50`)),
    ],
    allergies: [
      'START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,CATEGORY,REACTION1,DESCRIPTION1,SEVERITY1,REACTION2,' +
        'DESCRIPTION2,SEVERITY2',
      ...rows(
        (id) =>
          `2001-01-01,,${id},${encounterOf(id)},300916003,SNOMED-CT,Latex,allergy,environment,247472004,Wheal,MILD,,,`,
      ),
    ],
    claims: [CLAIM_HEADER, ...rows((id) => claim(id, 'BILLED'))],
  };
}

/** The files as text, each line ended with `lineEnd`, under the names `<kind>.csv`. */
export function asFiles(lines: Record<string, string[]>, lineEnd = '\n'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lines).map(([kind, texts]) => [
      `${kind}.csv`,
      texts.map((text) => text + lineEnd).join(''),
    ]),
  );
}

/** Rows of each of them: one in every file, and two supplies. */
export const WHOLE = 7;
