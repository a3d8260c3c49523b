/** Something done to the patient: SNOMED CT code, minutes that it takes, price in lira. */
interface Treatment {
  readonly snomed: string;
  readonly name: string;
  readonly minutes: number;
  readonly price: number;
}

export const PROCEDURES = {
  ecg: { snomed: '29303009', name: 'Elektrokardiyografi (EKG)', minutes: 10, price: 140 },
  echocardiography: { snomed: '40701008', name: 'Ekokardiyografi', minutes: 25, price: 780 },
  coronaryIntervention: { snomed: '415070008', name: 'Perkütan koroner girişim', minutes: 75, price: 18600 },
  spirometry: { snomed: '127783003', name: 'Spirometri (solunum fonksiyon testi)', minutes: 20, price: 210 },
  throatCulture: { snomed: '117015009', name: 'Boğaz kültürü alınması', minutes: 5, price: 95 },
  endoscopy: { snomed: '76009000', name: 'Özofagogastroduodenoskopi', minutes: 30, price: 1450 },
  colonoscopy: { snomed: '73761001', name: 'Kolonoskopi', minutes: 40, price: 1980 },
  appendectomy: { snomed: '80146002', name: 'Apendektomi', minutes: 60, price: 9400 },
  cholecystectomy: { snomed: '45595009', name: 'Laparoskopik kolesistektomi', minutes: 80, price: 12300 },
  immobilization: { snomed: '274474001', name: 'Kırığın alçı ile tespiti', minutes: 30, price: 640 },
  suture: { snomed: '288086009', name: 'Açık yaranın dikilmesi', minutes: 20, price: 380 },
  physiotherapy: { snomed: '91251008', name: 'Fizik tedavi seansı', minutes: 45, price: 320 },
  cataractExtraction: { snomed: '54885007', name: 'Katarakt ekstraksiyonu', minutes: 45, price: 7800 },
  chemotherapy: { snomed: '367336001', name: 'Kemoterapi uygulaması', minutes: 180, price: 3900 },
  hemodialysis: { snomed: '265764009', name: 'Hemodiyaliz', minutes: 240, price: 1640 },
  depressionScreening: { snomed: '171207006', name: 'Depresyon taraması', minutes: 15, price: 120 },
} as const satisfies Record<string, Treatment>;

/** An imaging study: DICOM modality and storage class, SNOMED CT body site, images that one study has. */
interface Imaging {
  readonly modality: readonly [code: string, name: string];
  readonly site: readonly [code: string, name: string];
  readonly sop: readonly [code: string, name: string];
  readonly procedure: string;
  readonly images: readonly [from: number, to: number];
  readonly price: number;
}

const DIGITAL_XRAY = ['1.2.840.10008.5.1.4.1.1.1.1', 'Dijital röntgen görüntüsü'] as const;
const CT = ['1.2.840.10008.5.1.4.1.1.2', 'BT görüntüsü'] as const;
const MR = ['1.2.840.10008.5.1.4.1.1.4', 'MR görüntüsü'] as const;

export const IMAGING = {
  chestXray: { modality: ['DX', 'Dijital röntgen'], site: ['51185008', 'Toraks'], sop: DIGITAL_XRAY, procedure: '399208008', images: [1, 2], price: 190 },
  wristXray: { modality: ['DX', 'Dijital röntgen'], site: ['8205005', 'El bileği'], sop: DIGITAL_XRAY, procedure: '60027007', images: [2, 2], price: 160 },
  kneeXray: { modality: ['DX', 'Dijital röntgen'], site: ['72696002', 'Diz'], sop: DIGITAL_XRAY, procedure: '74016001', images: [2, 2], price: 170 },
  abdomenUltrasound: { modality: ['US', 'Ultrasonografi'], site: ['113345001', 'Batın'], sop: ['1.2.840.10008.5.1.4.1.1.6.1', 'Ultrason görüntüsü'], procedure: '45036003', images: [3, 6], price: 420 },
  abdomenCt: { modality: ['CT', 'Bilgisayarlı tomografi'], site: ['113345001', 'Batın'], sop: CT, procedure: '169070004', images: [4, 8], price: 1150 },
  chestCt: { modality: ['CT', 'Bilgisayarlı tomografi'], site: ['51185008', 'Toraks'], sop: CT, procedure: '169069000', images: [4, 8], price: 1090 },
  brainMr: { modality: ['MR', 'Manyetik rezonans'], site: ['12738006', 'Beyin'], sop: MR, procedure: '816077007', images: [4, 9], price: 1680 },
  lumbarMr: { modality: ['MR', 'Manyetik rezonans'], site: ['122496007', 'Lomber omurga'], sop: MR, procedure: '241648008', images: [4, 9], price: 1620 },
  mammography: { modality: ['MG', 'Mamografi'], site: ['76752008', 'Meme'], sop: ['1.2.840.10008.5.1.4.1.1.1.2', 'Dijital mamografi görüntüsü'], procedure: '71651007', images: [4, 4], price: 510 },
} as const satisfies Record<string, Imaging>;

export const DEVICES = {
  glucoseMeter: { snomed: '337414009', name: 'Kan şekeri ölçüm cihazı' },
  nebulizer: { snomed: '170615005', name: 'Ev tipi nebulizatör' },
  coronaryStent: { snomed: '705643001', name: 'Koroner stent' },
  pacemaker: { snomed: '14106009', name: 'Kalıcı kalp pili' },
  dialysisCatheter: { snomed: '466449005', name: 'Tünelli hemodiyaliz kateteri' },
  wheelchair: { snomed: '228869008', name: 'Manuel tekerlekli sandalye' },
} as const;

/** Supplies under the demo hospital's own stock codes. */
export const SUPPLIES = {
  testStrips: { code: 'MLZ-1042', name: 'Kan şekeri ölçüm çubuğu', quantity: [50, 200] },
  dialysisSet: { code: 'MLZ-2210', name: 'Diyalizör ve arter-ven seti', quantity: [1, 1] },
  plaster: { code: 'MLZ-3007', name: 'Alçı bandı 10 cm', quantity: [2, 5] },
  sutureSet: { code: 'MLZ-3115', name: 'Steril dikiş seti', quantity: [1, 1] },
  infusionSet: { code: 'MLZ-4001', name: 'Serum seti ve intraket', quantity: [1, 3] },
  surgicalDrape: { code: 'MLZ-5120', name: 'Steril cerrahi örtü seti', quantity: [1, 2] },
} as const satisfies Record<string, { code: string; name: string; quantity: readonly [number, number] }>;

export const CARE_PLANS = {
  diabetes: { snomed: '698360004', name: 'Diyabet öz yönetim planı' },
  hypertension: { snomed: '443402002', name: 'Hipertansiyonda yaşam tarzı eğitimi' },
  asthma: { snomed: '699728000', name: 'Astım öz yönetim planı' },
  copd: { snomed: '412776001', name: 'KOAH klinik yönetim planı' },
  fracture: { snomed: '385691007', name: 'Kırık bakım planı' },
  antenatal: { snomed: '134435003', name: 'Rutin doğum öncesi bakım' },
  dialysis: { snomed: '736690008', name: 'Diyaliz bakım planı' },
  cancer: { snomed: '395082007', name: 'Kanser bakım planı' },
  physiotherapy: { snomed: '773513001', name: 'Fizyoterapi bakım planı' },
} as const;

export type ProcedureKey = keyof typeof PROCEDURES;
export type ImagingKey = keyof typeof IMAGING;
export type DeviceKey = keyof typeof DEVICES;
export type SupplyKey = keyof typeof SUPPLIES;
export type CarePlanKey = keyof typeof CARE_PLANS;
