import type { Condition } from './condition.js';

/** Conditions that come and go. */
export const ACUTE_CONDITIONS: readonly Condition[] = [
  { icd: 'J06.9', name: 'Akut üst solunum yolu enfeksiyonu', clinic: 'Aile Hekimliği', ages: [0, 95], weight: 16, lasts: 9, followUps: [0, 0], every: 0, medications: ['paracetamol'], tests: [] },
  { icd: 'J03.9', name: 'Akut tonsillit', clinic: 'Kulak Burun Boğaz', ages: [3, 40], weight: 9, lasts: 10, followUps: [0, 1], every: 9, medications: ['amoxicillin', 'ibuprofen'], tests: ['crp', 'leukocytes'], procedure: 'throatCulture' },
  { icd: 'J20.9', name: 'Akut bronşit', clinic: 'Göğüs Hastalıkları', ages: [15, 90], weight: 7, lasts: 18, followUps: [0, 1], every: 10, medications: ['cefuroxime', 'salbutamol'], tests: ['crp', 'leukocytes'], imaging: 'chestXray' },
  { icd: 'J18.9', name: 'Pnömoni', clinic: 'Göğüs Hastalıkları', ages: [50, 92], weight: 2, lasts: 24, followUps: [1, 2], every: 12, stay: [3, 6], medications: ['ceftriaxone', 'paracetamol'], tests: ['crp', 'leukocytes', 'hemoglobin', 'creatinine'], imaging: 'chestCt', supply: 'infusionSet' },
  { icd: 'H66.9', name: 'Otitis media', clinic: 'Çocuk Sağlığı ve Hastalıkları', ages: [0, 12], weight: 12, lasts: 11, followUps: [0, 1], every: 8, medications: ['amoxicillinSyrup', 'paracetamolSyrup'], tests: [] },
  { icd: 'A09', name: 'Enfeksiyöz kökenli gastroenterit', clinic: 'Acil Tıp', ages: [0, 80], weight: 8, lasts: 6, followUps: [0, 0], every: 0, urgent: true, medications: ['rehydration', 'ondansetron'], tests: ['sodium', 'potassium', 'crp'], supply: 'infusionSet' },
  { icd: 'N39.0', name: 'İdrar yolu enfeksiyonu', clinic: 'Üroloji', ages: [16, 88], weight: 8, lasts: 10, followUps: [0, 1], every: 12, medications: ['fosfomycin'], tests: ['nitrite', 'leukocyteEsterase', 'creatinine'] },
  { icd: 'M54.5', name: 'Bel ağrısı', clinic: 'Fiziksel Tıp ve Rehabilitasyon', ages: [22, 80], weight: 10, lasts: 60, followUps: [0, 3], every: 7, medications: ['diclofenac', 'tizanidine'], tests: [], procedure: 'physiotherapy', imaging: 'lumbarMr' },
  { icd: 'G43.9', name: 'Migren', clinic: 'Nöroloji', ages: [16, 60], weight: 6, lasts: 120, followUps: [0, 2], every: 40, medications: ['sumatriptan'], tests: [], imaging: 'brainMr' },
  { icd: 'K29.7', name: 'Gastrit', clinic: 'Gastroenteroloji', ages: [20, 85], weight: 7, lasts: 60, followUps: [0, 1], every: 30, medications: ['lansoprazole'], tests: ['hemoglobin', 'alt'], procedure: 'endoscopy' },
  { icd: 'L50.9', name: 'Ürtiker', clinic: 'Deri ve Zührevi Hastalıklar', ages: [4, 75], weight: 5, lasts: 14, followUps: [0, 0], every: 0, medications: ['cetirizine'], tests: [] },
  { icd: 'L20.9', name: 'Atopik dermatit', clinic: 'Deri ve Zührevi Hastalıklar', ages: [1, 35], weight: 5, lasts: 90, followUps: [0, 2], every: 30, medications: ['mometasone', 'cetirizine'], tests: [] },
  { icd: 'H10.9', name: 'Konjonktivit', clinic: 'Göz Hastalıkları', ages: [1, 80], weight: 5, lasts: 8, followUps: [0, 0], every: 0, medications: ['moxifloxacin'], tests: [] },
  { icd: 'H52.1', name: 'Miyopi', clinic: 'Göz Hastalıkları', ages: [7, 45], weight: 5, lasts: 365, followUps: [0, 1], every: 180, medications: [], tests: [] },
  { icd: 'D50.9', name: 'Demir eksikliği anemisi', clinic: 'İç Hastalıkları', ages: [14, 55], gender: 'F', weight: 9, lasts: 180, followUps: [1, 2], every: 60, medications: ['iron'], tests: ['hemoglobin', 'ferritin', 'vitaminB12'] },
  { icd: 'E55.9', name: 'D vitamini eksikliği', clinic: 'İç Hastalıkları', ages: [18, 80], weight: 8, lasts: 120, followUps: [0, 1], every: 90, medications: ['cholecalciferol'], tests: ['vitaminD', 'calcium'] },
  { icd: 'N20.0', name: 'Böbrek taşı', clinic: 'Üroloji', ages: [25, 70], weight: 4, lasts: 40, followUps: [0, 1], every: 20, urgent: true, medications: ['diclofenac', 'tamsulosin'], tests: ['creatinine', 'urea'], imaging: 'abdomenUltrasound', supply: 'infusionSet' },
  { icd: 'S52.5', name: 'Radius alt uç kırığı', clinic: 'Ortopedi ve Travmatoloji', ages: [5, 85], weight: 4, lasts: 56, followUps: [2, 2], every: 20, urgent: true, medications: ['paracetamol'], tests: [], procedure: 'immobilization', imaging: 'wristXray', supply: 'plaster', plan: 'fracture' },
  { icd: 'S61.9', name: 'El bileği ve elin açık yarası', clinic: 'Acil Tıp', ages: [8, 75], weight: 4, lasts: 14, followUps: [0, 1], every: 10, urgent: true, medications: ['amoxicillin'], tests: [], procedure: 'suture', supply: 'sutureSet' },
  { icd: 'K35.8', name: 'Akut apandisit', clinic: 'Genel Cerrahi', ages: [8, 55], weight: 2, lasts: 21, followUps: [1, 1], every: 10, stay: [2, 3], medications: ['ceftriaxone', 'tramadol'], tests: ['crp', 'leukocytes', 'hemoglobin'], procedure: 'appendectomy', imaging: 'abdomenCt', supply: 'surgicalDrape' },
  { icd: 'K80.2', name: 'Safra kesesi taşı', clinic: 'Genel Cerrahi', ages: [32, 78], weight: 3, lasts: 35, followUps: [1, 1], every: 14, stay: [1, 3], medications: ['tramadol', 'lansoprazole'], tests: ['alt', 'ast', 'leukocytes'], procedure: 'cholecystectomy', imaging: 'abdomenUltrasound', supply: 'surgicalDrape' },
  { icd: 'H25.9', name: 'Senil katarakt', clinic: 'Göz Hastalıkları', ages: [62, 92], weight: 4, lasts: 60, followUps: [1, 2], every: 15, medications: ['moxifloxacin'], tests: ['glucose', 'inr'], procedure: 'cataractExtraction', supply: 'surgicalDrape' },
  { icd: 'Z34.9', name: 'Normal gebeliğin gözetimi', clinic: 'Kadın Hastalıkları ve Doğum', ages: [20, 41], gender: 'F', weight: 6, lasts: 230, followUps: [4, 6], every: 32, medications: ['folicAcid', 'iron'], tests: ['hemoglobin', 'glucose', 'tsh', 'bloodGroup'], imaging: 'abdomenUltrasound', plan: 'antenatal' },
  { icd: 'F41.1', name: 'Yaygın anksiyete bozukluğu', clinic: 'Ruh Sağlığı ve Hastalıkları', ages: [18, 65], weight: 5, lasts: 300, followUps: [1, 4], every: 45, medications: ['escitalopram'], tests: ['tsh'], procedure: 'depressionScreening' },
];

/** The visit of a healthy adult, and of a child when its vaccinations are due. */
export const ADULT_CHECK_UP: Condition = { icd: 'Z00.0', name: 'Genel tıbbi muayene', clinic: 'Aile Hekimliği', ages: [18, 95], weight: 1, lasts: 1, followUps: [0, 0], every: 0, medications: [], tests: ['glucose', 'hemoglobin', 'cholesterol', 'ldl', 'tsh', 'smoking'] };
export const WELL_CHILD_VISIT: Condition = { icd: 'Z00.1', name: 'Rutin çocuk sağlığı muayenesi', clinic: 'Çocuk Sağlığı ve Hastalıkları', ages: [0, 6], weight: 1, lasts: 1, followUps: [0, 0], every: 0, medications: [], tests: [] };
