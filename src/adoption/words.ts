/**
 * A name without what spellings differ by: signs, capitals, and the letters beyond ASCII, those of Turkish among them.
 * `"Hasta_Kayıt"` is `hastakayit`.
 */
export function plainWord(name: string): string {
  return name
    .replaceAll(/[İIı]/g, 'i')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** What tables of patients are called; the longest first are the surest. */
export const PATIENT_TABLES =
  /^(patients?|persons?|people|hasta(lar)?(kayit|kart|kimlik|bilgi)?(lari|leri|i)?|kisi(ler)?|insurees?|subjects?|ehr|demographics|patientdemographics)$/;
export const PATIENT_PART = /patient|person|hasta|insuree|kisi/;

/** Names by which columns name a patient, in any schema. */
export const PATIENT_KEYS = new Set(
  'patientid patientno patientkey personid personno subjectid hastaid hastano hastakodu hastakimlik pid ehrid insureeid mrn'.split(
    ' ',
  ),
);

/** A column that names nothing by itself. */
export const GENERIC = new Set([
  'id',
  'no',
  'kod',
  'code',
  'key',
  'oid',
  'uuid',
  'rowid',
  'sira',
  'num',
  'seqnum',
]);

/** What belongs to the money. */
export const FINANCE =
  /invoice|fatura|bill|payment|odeme|claim|payer|insur|sigorta|cost|charge|ucret|tahsil|finans|account|muhasebe|tariff|drgcode/;

/** Columns by which an application hides rows itself. */
export const SOFT_DELETE =
  /^(is|sys)?(deleted|removed|voided?|archived|silindi|silinmis|iptal|pasif)(at|on|date|time|by|tarihi?|mi)?$|^(validityto|deletedat|deletedate|silinmetarihi)$/;

export const BIRTH = /birth|dogum|dob$/;
export const RECORD_NUMBER =
  /^(mrn|recordnumber|medicalrecordnumber|dosyano|protokolno|personsourcevalue|chfid)$/;
export const FAMILY_NAME = /^(familyname|lastname|surname|soyad|soyadi)$/;
export const GIVEN_NAME = /^(givenname|firstname|othernames|ad|adi|forename)$/;

/** A column that looks as if it held the key of a row elsewhere; by its name as it is written. */
export const KEY_LIKE = /(?:(?:^|[^a-zA-Z])(?:id|ID|Id|no|NO|No|key|ref|kodu)|[a-z](?:Id|ID|No))_?\d*$/;

/** A name for a resource: `visit_occurrence` is `VisitOccurrence`. */
export function resourceWord(table: string): string {
  const words = table.split(/[^\p{L}\p{M}\p{N}]+/u).map(asciiWord);
  const word = words.map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join('');
  return (/^[A-Z]/.test(word) ? word : `T${word}`).slice(0, 63);
}

const asciiWord = (text: string) =>
  text
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replaceAll(/[^A-Za-z0-9]/g, '');
