/** What soft delete is and is not, in both languages; the code stands for these very words. */
export interface Statement {
  readonly code: string;
  readonly en: readonly string[];
  readonly tr: readonly string[];
}

/**
 * The words of every certificate made now. Another wording is another code, and the words of an older code stay in
 * {@link STATEMENTS}: certificates are checked for years.
 */
export const STATEMENT: Statement = {
  code: 'SOFT_DELETE_1',
  en: [
    'The rows counted here were deleted (soft delete): they are hidden and restricted, out of reach of the users ' +
      'concerned, and the database itself refuses a live row of this patient.',
    'Soft delete is not erasure. The rows are still in the database, restricted and pending destruction when ' +
      'the retention period of each resource type ends.',
    'Backups, exports and copies held by others (such as e-Nabız, MEDULA or recipients of reports) are not ' +
      'covered by this document.',
    'The subject reference is a keyed hash. It stands for the patient without naming them, and is not anonymous ' +
      'for whoever holds its key.',
    'This document shows what was done and when. It is no legal advice; whether the law was complied with is ' +
      'for the controller to decide.',
  ],
  tr: [
    'Burada sayılan kayıtlar silinmiştir (soft delete): gizlenmiş ve kısıtlanmıştır, ilgili kullanıcılar ' +
      'tarafından erişilemez ve kullanılamaz; veri tabanı bu hasta için canlı bir kaydı kendisi reddeder.',
    'Silme, yok etme değildir. Kayıtlar veri tabanında durmaktadır; kısıtlanmış olarak, her kayıt türünün ' +
      'saklama süresinin bitiminde yapılacak yok etmeyi bekler.',
    'Yedekler, dışa aktarımlar ve başkalarındaki kopyalar (örneğin e-Nabız, MEDULA veya rapor alıcıları) bu ' +
      'belgenin kapsamında değildir.',
    'İlgili kişi referansı anahtarlı bir özettir. Hastayı adını vermeden temsil eder; anahtarını elinde ' +
      'bulunduran için anonim değildir.',
    'Bu belge neyin ne zaman yapıldığını gösterir. Hukuki görüş değildir; mevzuata uyulup uyulmadığına veri ' +
      'sorumlusu karar verir.',
  ],
};

/** The words where the rows were moved out of a hospital's own tables; the rest is as of {@link STATEMENT}. */
export const MOVED_STATEMENT: Statement = {
  code: 'SOFT_DELETE_MOVED_1',
  en: [
    'The rows counted here were deleted (soft delete): they were moved out of the tables of the hospital’s application ' +
      'to where the users concerned cannot read them. Tables that the hospital has declared as fenced refuse a new row ' +
      'of this patient; one that it has declared without a fence may take it.',
    ...STATEMENT.en.slice(1),
  ],
  tr: [
    'Burada sayılan kayıtlar silinmiştir (soft delete): hastane uygulamasının tablolarından, ilgili kullanıcıların ' +
      'okuyamayacağı bir yere taşınmıştır. Hastanenin korumalı olarak bildirdiği tablolar bu hasta için yeni bir kaydı ' +
      'reddeder; korumasız olarak bildirdiği bir tablo kabul edebilir.',
    ...STATEMENT.tr.slice(1),
  ],
};

/** The words of the certificate of a deletion that was undone. */
export const UNDONE_STATEMENT: Statement = {
  code: 'DELETION_UNDONE_1',
  en: [
    'This deletion was undone. The rows counted here were hidden from the deletion until the restoration, and are ' +
      'within reach of the users concerned again since then, unless another deletion has followed.',
    'This document shows that the patient was deleted and brought back, and when. It does not show that the patient is ' +
      'deleted now.',
    'Rows that the hospital’s own system had hidden before the deletion are not counted here, and the restoration left ' +
      'them hidden.',
    'The subject reference is a keyed hash. It stands for the patient without naming them, and is not anonymous ' +
      'for whoever holds its key.',
    'This document shows what was done and when. It is no legal advice; whether the law was complied with is ' +
      'for the controller to decide.',
  ],
  tr: [
    'Bu silme geri alınmıştır. Burada sayılan kayıtlar silmeden geri almaya kadar gizli kalmış, o zamandan beri, başka ' +
      'bir silme yapılmadıysa, ilgili kullanıcıların erişimine yeniden açılmıştır.',
    'Bu belge hastanın silindiğini, geri getirildiğini ve zamanlarını gösterir. Hastanın şu anda silinmiş olduğunu ' +
      'göstermez.',
    'Hastanenin kendi sisteminin silmeden önce gizlediği kayıtlar burada sayılmaz; geri alma onları gizli bırakmıştır.',
    'İlgili kişi referansı anahtarlı bir özettir. Hastayı adını vermeden temsil eder; anahtarını elinde ' +
      'bulunduran için anonim değildir.',
    'Bu belge neyin ne zaman yapıldığını gösterir. Hukuki görüş değildir; mevzuata uyulup uyulmadığına veri ' +
      'sorumlusu karar verir.',
  ],
};

/** Every statement that the certificate of a deletion that stands has ever carried, by its code. */
export const STATEMENTS: ReadonlyMap<string, Statement> = new Map([
  [STATEMENT.code, STATEMENT],
  [MOVED_STATEMENT.code, MOVED_STATEMENT],
]);
/** The same of one that was undone. */
export const UNDONE_STATEMENTS: ReadonlyMap<string, Statement> = new Map([
  [UNDONE_STATEMENT.code, UNDONE_STATEMENT],
]);
