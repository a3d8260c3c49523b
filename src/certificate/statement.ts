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

/** Every statement that a certificate has ever carried, by its code. */
export const STATEMENTS: ReadonlyMap<string, Statement> = new Map([[STATEMENT.code, STATEMENT]]);
