/** Who pays for care. The private insurers are invented. */
export interface Insurer {
  /** Name by which the id is made. */
  readonly key: string;
  readonly name: string;
  /** Share of a hospital's charges that it takes over, 0 to 1. */
  readonly share: number;
  readonly weight: number;
}

export const STATUTORY_INSURERS: readonly Insurer[] = [
  { key: 'sgk-4a', name: 'SGK 4/a (hizmet akdi)', share: 0.9, weight: 50 },
  { key: 'sgk-4b', name: 'SGK 4/b (bağımsız çalışan)', share: 0.9, weight: 17 },
  { key: 'sgk-4c', name: 'SGK 4/c (kamu görevlisi)', share: 0.95, weight: 18 },
  { key: 'sgk-60g', name: 'SGK 60/g (genel sağlık sigortası)', share: 0.85, weight: 12 },
  { key: 'sgk-60c1', name: 'SGK 60/c-1 (primi devletçe ödenen)', share: 1, weight: 3 },
];

export const PRIVATE_INSURERS: readonly Insurer[] = [
  { key: 'ozel-cinar', name: 'Çınar Tamamlayıcı Sağlık Sigortası', share: 0.1, weight: 5 },
  { key: 'ozel-ilgaz', name: 'Ilgaz Özel Sağlık Sigortası', share: 0.1, weight: 3 },
  { key: 'ozel-mavi-kosk', name: 'Mavi Köşk Sigorta', share: 0.08, weight: 2 },
];
