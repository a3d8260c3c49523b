/** Starts, middles and ends of 2,000 family names. None has the letters j, q, w or x. */
const STARTS = [
  ...['Ak', 'Al', 'Bal', 'Bo', 'Can', 'Ce', 'Dem', 'Do', 'Er', 'Ga'],
  ...['Gü', 'Ha', 'Ka', 'Ko', 'Me', 'Or', 'Öz', 'Sa', 'Ta', 'Yıl'],
];
const MIDDLES = ['a', 'ba', 'ca', 'da', 'ga', 'la', 'ma', 'na', 'ra', 'sa'];
const ENDS = ['bak', 'can', 'dağ', 'gül', 'kan', 'lı', 'man', 'oğlu', 'soy', 'taş'];

/** Most patients bear one of these. */
export const FAMILY_NAMES = STARTS.flatMap((start) =>
  MIDDLES.flatMap((middle) => ENDS.map((end) => `${start}${middle}${end}`)),
);
export const GIVEN_NAMES = [
  ...['Ahmet', 'Ali', 'Ayşe', 'Burak', 'Cem', 'Deniz', 'Elif', 'Emine', 'Emre', 'Fatma'],
  ...['Gizem', 'Hakan', 'Hatice', 'Hüseyin', 'Işıl', 'İbrahim', 'Kemal', 'Leyla', 'Mehmet', 'Merve'],
  ...['Murat', 'Mustafa', 'Nur', 'Osman', 'Ömer', 'Pınar', 'Ramazan', 'Selin', 'Şule', 'Tuğba'],
  ...['Umut', 'Ümit', 'Veli', 'Yasemin', 'Yusuf', 'Zehra', 'Zeynep', 'Onur', 'Gül', 'Eda'],
];

/** Of as many patients in a hospital of any size. */
export const BEARERS = 6;
/** Borne by {@link BEARERS}. */
export const RARE_NAME = 'Wojciechowska';
/** Borne by {@link BEARERS} others; nobody else has its first three letters. */
export const NAME_OF_RARE_PREFIX = 'Juhásznagy';
export const RARE_PREFIX = 'juh';
/** Borne by one patient in a hundred. */
export const COMMON_NAME = 'Yıldırımer';
/** The first letters of one family name in twenty. */
export const COMMON_PREFIX = 'dem';
/** Borne by nobody. */
export const NO_NAME = 'Quixwell';
