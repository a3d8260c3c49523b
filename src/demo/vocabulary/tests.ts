/** A laboratory test or vital sign: LOINC code, unit (UCUM) and how its figures are distributed in adults. */
interface MeasuredTest {
  readonly loinc: string;
  readonly name: string;
  readonly unit: string;
  readonly mean: number;
  /** Standard deviation. */
  readonly spread: number;
  readonly decimals: number;
}

/** A test that is answered in words. */
interface WordedTest {
  readonly loinc: string;
  readonly name: string;
  readonly answers: readonly string[];
}

export const VITAL_SIGNS = {
  systolic: { loinc: '8480-6', name: 'Sistolik kan basıncı', unit: 'mm[Hg]', mean: 122, spread: 13, decimals: 0 },
  diastolic: { loinc: '8462-4', name: 'Diyastolik kan basıncı', unit: 'mm[Hg]', mean: 77, spread: 8, decimals: 0 },
  pulse: { loinc: '8867-4', name: 'Nabız', unit: '/min', mean: 78, spread: 9, decimals: 0 },
  temperature: { loinc: '8310-5', name: 'Vücut sıcaklığı', unit: 'Cel', mean: 36.7, spread: 0.3, decimals: 1 },
  respiration: { loinc: '9279-1', name: 'Solunum sayısı', unit: '/min', mean: 16, spread: 2, decimals: 0 },
  saturation: { loinc: '2708-6', name: 'Oksijen satürasyonu', unit: '%', mean: 97, spread: 1, decimals: 0 },
} as const satisfies Record<string, MeasuredTest>;

export const WEIGHT = { loinc: '29463-7', name: 'Vücut ağırlığı', unit: 'kg' } as const;
export const HEIGHT = { loinc: '8302-2', name: 'Boy', unit: 'cm' } as const;
export const BODY_MASS_INDEX = { loinc: '39156-5', name: 'Vücut kitle indeksi', unit: 'kg/m2' } as const;

export const LABORATORY_TESTS = {
  glucose: { loinc: '2345-7', name: 'Glukoz (açlık)', unit: 'mg/dL', mean: 94, spread: 14, decimals: 0 },
  hba1c: { loinc: '4548-4', name: 'Hemoglobin A1c', unit: '%', mean: 7.4, spread: 1.1, decimals: 1 },
  creatinine: { loinc: '2160-0', name: 'Kreatinin', unit: 'mg/dL', mean: 0.9, spread: 0.2, decimals: 2 },
  urea: { loinc: '3091-6', name: 'Üre', unit: 'mg/dL', mean: 32, spread: 8, decimals: 0 },
  alt: { loinc: '1742-6', name: 'ALT', unit: 'U/L', mean: 24, spread: 9, decimals: 0 },
  ast: { loinc: '1920-8', name: 'AST', unit: 'U/L', mean: 23, spread: 7, decimals: 0 },
  sodium: { loinc: '2951-2', name: 'Sodyum', unit: 'mmol/L', mean: 140, spread: 2.4, decimals: 0 },
  potassium: { loinc: '2823-3', name: 'Potasyum', unit: 'mmol/L', mean: 4.4, spread: 0.4, decimals: 1 },
  calcium: { loinc: '17861-6', name: 'Kalsiyum', unit: 'mg/dL', mean: 9.4, spread: 0.4, decimals: 1 },
  phosphate: { loinc: '2777-1', name: 'Fosfor', unit: 'mg/dL', mean: 5.2, spread: 0.9, decimals: 1 },
  parathormone: { loinc: '2731-8', name: 'Parathormon', unit: 'pg/mL', mean: 310, spread: 90, decimals: 0 },
  hemoglobin: { loinc: '718-7', name: 'Hemoglobin', unit: 'g/dL', mean: 13.6, spread: 1.4, decimals: 1 },
  leukocytes: { loinc: '6690-2', name: 'Lökosit', unit: '10*3/uL', mean: 7.6, spread: 2.1, decimals: 1 },
  platelets: { loinc: '777-3', name: 'Trombosit', unit: '10*3/uL', mean: 256, spread: 52, decimals: 0 },
  ferritin: { loinc: '2276-4', name: 'Ferritin', unit: 'ng/mL', mean: 42, spread: 18, decimals: 0 },
  vitaminB12: { loinc: '2132-9', name: 'B12 vitamini', unit: 'pg/mL', mean: 330, spread: 95, decimals: 0 },
  vitaminD: { loinc: '1989-3', name: '25-OH D vitamini', unit: 'ng/mL', mean: 19, spread: 7, decimals: 1 },
  cholesterol: { loinc: '2093-3', name: 'Total kolesterol', unit: 'mg/dL', mean: 204, spread: 34, decimals: 0 },
  ldl: { loinc: '13457-7', name: 'LDL kolesterol', unit: 'mg/dL', mean: 126, spread: 29, decimals: 0 },
  hdl: { loinc: '2085-9', name: 'HDL kolesterol', unit: 'mg/dL', mean: 48, spread: 10, decimals: 0 },
  triglycerides: { loinc: '2571-8', name: 'Trigliserid', unit: 'mg/dL', mean: 148, spread: 46, decimals: 0 },
  tsh: { loinc: '3016-3', name: 'TSH', unit: 'u[IU]/mL', mean: 3.1, spread: 1.2, decimals: 2 },
  freeT4: { loinc: '3024-7', name: 'Serbest T4', unit: 'ng/dL', mean: 1.2, spread: 0.2, decimals: 2 },
  crp: { loinc: '1988-5', name: 'C-reaktif protein', unit: 'mg/L', mean: 14, spread: 9, decimals: 1 },
  troponin: { loinc: '89579-7', name: 'Yüksek duyarlıklı troponin I', unit: 'ng/L', mean: 21, spread: 12, decimals: 0 },
  inr: { loinc: '6301-6', name: 'INR', unit: '{INR}', mean: 2.3, spread: 0.4, decimals: 1 },
  psa: { loinc: '2857-1', name: 'Total PSA', unit: 'ng/mL', mean: 2.4, spread: 1.1, decimals: 2 },
} as const satisfies Record<string, MeasuredTest>;

export const WORDED_TESTS = {
  nitrite: { loinc: '5802-4', name: 'İdrarda nitrit', answers: ['Negatif', 'Pozitif'] },
  leukocyteEsterase: { loinc: '5799-2', name: 'İdrarda lökosit esteraz', answers: ['Negatif', 'Eser', 'Pozitif'] },
  bloodGroup: { loinc: '882-1', name: 'Kan grubu', answers: ['A Rh pozitif', 'A Rh negatif', '0 Rh pozitif', '0 Rh negatif', 'B Rh pozitif', 'AB Rh pozitif'] },
  smoking: { loinc: '72166-2', name: 'Sigara kullanımı', answers: ['Hiç içmemiş', 'Bırakmış', 'Her gün içiyor', 'Ara sıra içiyor'] },
} as const satisfies Record<string, WordedTest>;

export type TestKey = keyof typeof LABORATORY_TESTS | keyof typeof WORDED_TESTS;
