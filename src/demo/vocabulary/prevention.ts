/** A dose of the national childhood schedule: CVX code, and the age in months at which it is due. */
export interface ScheduledDose {
  readonly cvx: string;
  readonly name: string;
  readonly month: number;
}

const HEPATITIS_B = { cvx: '08', name: 'Hepatit B aşısı' };
const FIVE_IN_ONE = { cvx: '120', name: 'DaBT-İPA-Hib (beşli karma aşı)' };
const PNEUMOCOCCAL = { cvx: '133', name: 'Konjuge pnömokok aşısı (KPA-13)' };
const MEASLES = { cvx: '03', name: 'Kızamık, kızamıkçık, kabakulak aşısı (KKK)' };
const HEPATITIS_A = { cvx: '83', name: 'Hepatit A aşısı' };
const POLIO = { cvx: '02', name: 'Oral polio aşısı (OPA)' };

export const CHILDHOOD_SCHEDULE: readonly ScheduledDose[] = [
  { ...HEPATITIS_B, month: 1 },
  { cvx: '19', name: 'BCG aşısı', month: 2 },
  { ...FIVE_IN_ONE, month: 2 },
  { ...PNEUMOCOCCAL, month: 2 },
  { ...FIVE_IN_ONE, month: 4 },
  { ...PNEUMOCOCCAL, month: 4 },
  { ...FIVE_IN_ONE, month: 6 },
  { ...HEPATITIS_B, month: 6 },
  { ...POLIO, month: 6 },
  { ...PNEUMOCOCCAL, month: 12 },
  { ...MEASLES, month: 12 },
  { cvx: '21', name: 'Suçiçeği aşısı', month: 12 },
  { ...FIVE_IN_ONE, month: 18 },
  { ...HEPATITIS_A, month: 18 },
  { ...HEPATITIS_A, month: 24 },
  { ...MEASLES, month: 48 },
];

export const INFLUENZA = { cvx: '140', name: 'Mevsimsel grip aşısı' } as const;
export const COVID = { cvx: '208', name: 'COVID-19 mRNA aşısı' } as const;
export const TETANUS = { cvx: '09', name: 'Erişkin tipi tetanoz-difteri aşısı (Td)' } as const;
export const ADULT_HEPATITIS_B = { cvx: '43', name: 'Hepatit B aşısı (erişkin)' } as const;

/** What patients are allergic to: SNOMED CT code, category as FHIR has it. */
export const ALLERGENS = [
  { snomed: '764146007', name: 'Penisilin', category: 'medication', type: 'allergy' },
  { snomed: '387458008', name: 'Asetilsalisilik asit', category: 'medication', type: 'intolerance' },
  { snomed: '387207008', name: 'İbuprofen', category: 'medication', type: 'intolerance' },
  { snomed: '256277009', name: 'Çayır poleni', category: 'environment', type: 'allergy' },
  { snomed: '260147004', name: 'Ev tozu akarı', category: 'environment', type: 'allergy' },
  { snomed: '84489001', name: 'Küf', category: 'environment', type: 'allergy' },
  { snomed: '264287008', name: 'Hayvan tüyü', category: 'environment', type: 'allergy' },
  { snomed: '288328004', name: 'Arı zehri', category: 'environment', type: 'allergy' },
  { snomed: '111088007', name: 'Lateks', category: 'environment', type: 'allergy' },
  { snomed: '3718001', name: 'İnek sütü', category: 'food', type: 'allergy' },
  { snomed: '102263004', name: 'Yumurta', category: 'food', type: 'allergy' },
  { snomed: '762952008', name: 'Yer fıstığı', category: 'food', type: 'allergy' },
  { snomed: '417532002', name: 'Balık', category: 'food', type: 'allergy' },
] as const;

export const ALLERGIC_REACTIONS = [
  { code: '271807003', description: 'Deri döküntüsü' },
  { code: '247472004', description: 'Ürtiker' },
  { code: '76067001', description: 'Hapşırık' },
  { code: '271825005', description: 'Solunum sıkıntısı' },
  { code: '39579001', description: 'Anafilaksi' },
] as const;

export const SEVERITIES = ['MILD', 'MODERATE', 'SEVERE'] as const;
