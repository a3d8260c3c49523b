/** A medicine by its active substance: ATC code, name and strength, days that one pack lasts, price in lira. */
interface Medication {
  readonly atc: string;
  readonly name: string;
  readonly days: number;
  readonly price: number;
}

export const MEDICATIONS = {
  metformin: { atc: 'A10BA02', name: 'Metformin 1000 mg tablet', days: 50, price: 96 },
  insulin: { atc: 'A10AE04', name: 'İnsülin glarjin 100 Ü/mL kalem', days: 30, price: 812 },
  ramipril: { atc: 'C09AA05', name: 'Ramipril 5 mg tablet', days: 28, price: 88 },
  amlodipine: { atc: 'C08CA01', name: 'Amlodipin 10 mg tablet', days: 30, price: 74 },
  metoprolol: { atc: 'C07AB02', name: 'Metoprolol 50 mg uzatılmış salımlı tablet', days: 20, price: 81 },
  furosemide: { atc: 'C03CA01', name: 'Furosemid 40 mg tablet', days: 50, price: 62 },
  atorvastatin: { atc: 'C10AA01', name: 'Atorvastatin 20 mg tablet', days: 30, price: 132 },
  aspirin: { atc: 'B01AC06', name: 'Asetilsalisilik asit 100 mg enterik tablet', days: 30, price: 48 },
  warfarin: { atc: 'B01AA03', name: 'Varfarin 5 mg tablet', days: 28, price: 66 },
  heparin: { atc: 'B01AB01', name: 'Heparin sodyum 25.000 IU/5 mL flakon', days: 1, price: 145 },
  epoetin: { atc: 'B03XA01', name: 'Epoetin alfa 4000 IU enjektör', days: 28, price: 1940 },
  sevelamer: { atc: 'V03AE02', name: 'Sevelamer 800 mg tablet', days: 30, price: 1480 },
  levothyroxine: { atc: 'H03AA01', name: 'Levotiroksin 50 mcg tablet', days: 50, price: 57 },
  salbutamol: { atc: 'R03AC02', name: 'Salbutamol 100 mcg inhaler', days: 60, price: 92 },
  budesonide: { atc: 'R03AK07', name: 'Budesonid ve formoterol 160/4,5 mcg inhaler', days: 30, price: 436 },
  tiotropium: { atc: 'R03BB04', name: 'Tiotropyum 18 mcg inhalasyon kapsülü', days: 30, price: 528 },
  cetirizine: { atc: 'R06AE07', name: 'Setirizin 10 mg tablet', days: 20, price: 54 },
  cetirizineSyrup: { atc: 'R06AE07', name: 'Setirizin 5 mg/5 mL şurup', days: 20, price: 51 },
  paracetamol: { atc: 'N02BE01', name: 'Parasetamol 500 mg tablet', days: 10, price: 38 },
  paracetamolSyrup: { atc: 'N02BE01', name: 'Parasetamol 120 mg/5 mL şurup', days: 7, price: 42 },
  ibuprofen: { atc: 'M01AE01', name: 'İbuprofen 400 mg tablet', days: 10, price: 59 },
  diclofenac: { atc: 'M01AB05', name: 'Diklofenak 75 mg/3 mL ampul', days: 5, price: 64 },
  tizanidine: { atc: 'M03BX02', name: 'Tizanidin 2 mg tablet', days: 15, price: 83 },
  tramadol: { atc: 'N02AX02', name: 'Tramadol 50 mg kapsül', days: 10, price: 97 },
  amoxicillin: { atc: 'J01CR02', name: 'Amoksisilin ve klavulanik asit 1000 mg tablet', days: 7, price: 148 },
  amoxicillinSyrup: { atc: 'J01CR02', name: 'Amoksisilin ve klavulanik asit 400/57 mg süspansiyon', days: 7, price: 124 },
  cefuroxime: { atc: 'J01DC02', name: 'Sefuroksim 500 mg tablet', days: 7, price: 186 },
  ceftriaxone: { atc: 'J01DD04', name: 'Seftriakson 1 g flakon', days: 7, price: 102 },
  fosfomycin: { atc: 'J01XX01', name: 'Fosfomisin 3 g saşe', days: 1, price: 118 },
  lansoprazole: { atc: 'A02BC03', name: 'Lansoprazol 30 mg kapsül', days: 28, price: 104 },
  rehydration: { atc: 'A07CA', name: 'Oral rehidrasyon tuzları saşe', days: 5, price: 46 },
  ondansetron: { atc: 'A04AA01', name: 'Ondansetron 8 mg tablet', days: 5, price: 212 },
  iron: { atc: 'B03AA07', name: 'Demir (II) sülfat 80 mg tablet', days: 30, price: 71 },
  folicAcid: { atc: 'B03BB01', name: 'Folik asit 5 mg tablet', days: 25, price: 44 },
  cholecalciferol: { atc: 'A11CC05', name: 'Kolekalsiferol 50.000 IU/15 mL damla', days: 60, price: 52 },
  sertraline: { atc: 'N06AB06', name: 'Sertralin 50 mg tablet', days: 28, price: 126 },
  escitalopram: { atc: 'N06AB10', name: 'Essitalopram 10 mg tablet', days: 28, price: 139 },
  sumatriptan: { atc: 'N02CC01', name: 'Sumatriptan 50 mg tablet', days: 10, price: 168 },
  tamsulosin: { atc: 'G04CA02', name: 'Tamsulosin 0,4 mg kapsül', days: 30, price: 117 },
  mometasone: { atc: 'D07AC13', name: 'Mometazon furoat %0,1 krem', days: 15, price: 78 },
  moxifloxacin: { atc: 'S01AE07', name: 'Moksifloksasin %0,5 göz damlası', days: 7, price: 94 },
  paclitaxel: { atc: 'L01CD01', name: 'Paklitaksel 300 mg flakon', days: 21, price: 2860 },
  tamoxifen: { atc: 'L02BA01', name: 'Tamoksifen 20 mg tablet', days: 30, price: 264 },
  oxaliplatin: { atc: 'L01XA03', name: 'Oksaliplatin 100 mg flakon', days: 14, price: 2320 },
} as const satisfies Record<string, Medication>;

export type MedicationKey = keyof typeof MEDICATIONS;

/** What a child under twelve gets instead. */
export const PEDIATRIC_FORMS: Partial<Record<MedicationKey, MedicationKey>> = {
  paracetamol: 'paracetamolSyrup',
  ibuprofen: 'paracetamolSyrup',
  tramadol: 'paracetamolSyrup',
  amoxicillin: 'amoxicillinSyrup',
  ondansetron: 'rehydration',
  cetirizine: 'cetirizineSyrup',
};
