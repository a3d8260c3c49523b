/** A province with some of its districts and the position of its centre in degrees (WGS 84). */
export interface Province {
  readonly name: string;
  /** The two digits that begin its postal codes. */
  readonly plate: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly districts: readonly string[];
  readonly weight: number;
}

/** The provinces that the demo hospital's patients come from. */
export const PROVINCES: readonly Province[] = [
  { name: 'İstanbul', plate: '34', latitude: 41.0082, longitude: 28.9784, weight: 34, districts: ['Kadıköy', 'Üsküdar', 'Şişli', 'Beşiktaş', 'Fatih', 'Bağcılar', 'Küçükçekmece', 'Pendik'] },
  { name: 'Ankara', plate: '06', latitude: 39.9334, longitude: 32.8597, weight: 16, districts: ['Çankaya', 'Keçiören', 'Yenimahalle', 'Mamak', 'Etimesgut', 'Gölbaşı'] },
  { name: 'İzmir', plate: '35', latitude: 38.4237, longitude: 27.1428, weight: 12, districts: ['Karşıyaka', 'Bornova', 'Konak', 'Buca', 'Çiğli', 'Ödemiş'] },
  { name: 'Bursa', plate: '16', latitude: 40.1826, longitude: 29.0665, weight: 7, districts: ['Osmangazi', 'Nilüfer', 'Yıldırım', 'İnegöl', 'Mudanya'] },
  { name: 'Kocaeli', plate: '41', latitude: 40.7654, longitude: 29.9408, weight: 6, districts: ['İzmit', 'Gebze', 'Gölcük', 'Derince'] },
  { name: 'Eskişehir', plate: '26', latitude: 39.7667, longitude: 30.5256, weight: 4, districts: ['Odunpazarı', 'Tepebaşı', 'Sivrihisar'] },
  { name: 'Konya', plate: '42', latitude: 37.8746, longitude: 32.4932, weight: 4, districts: ['Selçuklu', 'Meram', 'Karatay', 'Akşehir'] },
  { name: 'Muğla', plate: '48', latitude: 37.2153, longitude: 28.3636, weight: 3, districts: ['Menteşe', 'Bodrum', 'Fethiye', 'Milas'] },
  { name: 'Trabzon', plate: '61', latitude: 41.0027, longitude: 39.7168, weight: 3, districts: ['Ortahisar', 'Akçaabat', 'Maçka', 'Sürmene'] },
  { name: 'Diyarbakır', plate: '21', latitude: 37.9144, longitude: 40.2306, weight: 3, districts: ['Bağlar', 'Kayapınar', 'Yenişehir', 'Ergani'] },
  { name: 'Şanlıurfa', plate: '63', latitude: 37.1674, longitude: 38.7955, weight: 3, districts: ['Eyyübiye', 'Haliliye', 'Siverek', 'Viranşehir'] },
  { name: 'Iğdır', plate: '76', latitude: 39.9237, longitude: 44.045, weight: 2, districts: ['Merkez', 'Tuzluca', 'Aralık'] },
];
