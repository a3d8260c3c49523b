/** Given names that people of these generations really bear; family names and streets come from faker. */
export const FEMALE_NAMES = {
  older: [
    'Fatma', 'Ayşe', 'Emine', 'Hatice', 'Zeynep', 'Şerife', 'Sultan', 'Hanife', 'Meryem', 'Havva', 'Zeliha',
    'Gülsüm', 'Nuriye', 'Saniye', 'Naciye', 'Müzeyyen', 'Perihan', 'Nezahat', 'Melahat', 'Güler', 'Türkan', 'İnci',
  ],
  middle: [
    'Özlem', 'Sevgi', 'Songül', 'Yasemin', 'Nurcan', 'Gülşen', 'Filiz', 'Aysun', 'Çiğdem', 'Dilek', 'Ebru', 'Pınar',
    'Işıl', 'Ilgın', 'Şule', 'Tuğba', 'Burcu', 'Bahar', 'İpek', 'Hülya', 'Nilüfer', 'Sibel', 'Derya', 'Esra',
  ],
  younger: [
    'Elif', 'Defne', 'Zehra', 'Ecrin', 'Azra', 'Nehir', 'Ela', 'Asel', 'Duru', 'Beren', 'Irmak', 'Nisa', 'Öykü',
    'Masal', 'Çağla', 'Ceren', 'İrem', 'Sıla', 'Lina', 'Hiranur', 'Yağmur', 'Şevval', 'Ada', 'Mira',
  ],
} as const;

export const MALE_NAMES = {
  older: [
    'Mehmet', 'Mustafa', 'Ahmet', 'Ali', 'Hüseyin', 'Hasan', 'İbrahim', 'İsmail', 'Osman', 'Süleyman', 'Halil',
    'Şaban', 'Ramazan', 'Yaşar', 'Kâzım', 'Necati', 'Cemal', 'İhsan', 'Rıza', 'Nuri', 'Şükrü', 'Bekir',
  ],
  middle: [
    'Murat', 'Hakan', 'Serkan', 'Özgür', 'Cengiz', 'Levent', 'Tolga', 'Erdoğan', 'İlker', 'Barış', 'Volkan', 'Uğur',
    'Çağatay', 'Gökhan', 'Işık', 'Sinan', 'Orhan', 'Yavuz', 'Tarık', 'Şahin', 'Bülent', 'Kadir', 'Ümit', 'Engin',
  ],
  younger: [
    'Yusuf', 'Eymen', 'Ömer', 'Alparslan', 'Kerem', 'Miraç', 'Göktuğ', 'Çınar', 'Emir', 'Aras', 'Poyraz', 'Toprak',
    'Kuzey', 'Atlas', 'Doruk', 'Efe', 'Ege', 'Berat', 'Umut', 'Yiğit', 'Batuhan', 'Mert', 'Işıner', 'Rüzgâr',
  ],
} as const;

export type Generation = keyof typeof FEMALE_NAMES;
