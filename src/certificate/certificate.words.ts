/** Languages of the PDF, the default first. */
export const LANGUAGES = ['en', 'tr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every word of the PDF that is not in the certificate itself. */
export interface Words {
  readonly title: string;
  readonly subtitle: string;
  readonly claim: (totalRows: string, deletedAt: string) => string;
  readonly facts: string;
  readonly deletion: string;
  readonly subject: string;
  readonly actorRole: string;
  readonly notRecorded: string;
  readonly reason: string;
  readonly legalBasis: string;
  readonly requestedAt: string;
  readonly deletedAt: string;
  readonly issuedAt: string;
  readonly counts: string;
  readonly columns: readonly [shard: string, resource: string, table: string, rows: string, live: string];
  readonly total: string;
  readonly rescan: string;
  readonly atDeletion: string;
  readonly atIssue: (checkedAt: string, tables: string) => string;
  readonly statement: string;
  readonly log: string;
  readonly auditEvent: string;
  readonly position: string;
  readonly positionOf: (index: string, size: string) => string;
  readonly leafHash: string;
  readonly checkpoint: string;
  readonly signedBy: string;
  readonly check: string;
  readonly steps: readonly string[];
  readonly digest: string;
  readonly page: (page: number, of: number) => string;
  /** Names of codes; a code that is not among them is shown as it is. */
  readonly names: Readonly<Record<string, string>>;
}

const EN: Words = {
  title: 'Deletion certificate',
  subtitle: 'Soft delete of all records of one patient',
  claim: (rows, at) =>
    `On ${at}, ${rows} records of one patient were deleted in all shards of the database in one transaction: ` +
    'either every one of them or none. The deletion is sealed in a tamper-evident log.',
  facts: 'The deletion',
  deletion: 'Deletion',
  subject: 'Subject (keyed reference)',
  actorRole: 'Requested by (role)',
  notRecorded: 'not recorded',
  reason: 'Reason',
  legalBasis: 'Legal basis',
  requestedAt: 'Requested',
  deletedAt: 'Deleted',
  issuedAt: 'Certificate issued',
  counts: 'What was deleted',
  columns: ['Shard', 'Resource type', 'Table', 'Deleted', 'Live now'],
  total: 'Total',
  rescan: 'Rescan',
  atDeletion:
    'At the deletion: every table linked to patients was searched again before the commit, and no live row of ' +
    'this patient was there. A single one would have undone the deletion.',
  atIssue: (at, tables) =>
    `At the issue of this certificate (${at}): ${tables} patient-owned tables were searched, with 0 live rows of ` +
    'this patient.',
  statement: 'What soft delete is, and what it is not',
  log: 'Seal in the audit log',
  auditEvent: 'Audit event',
  position: 'Position',
  positionOf: (index, size) => `leaf ${index} of a tree of ${size} events`,
  leafHash: 'Hash of the leaf',
  checkpoint: 'Checkpoint',
  signedBy: 'Signed by',
  check: 'How to check this certificate',
  steps: [
    'Get the public key of the log from the controller by another way than this document.',
    'Run: npm run verify-certificate -- FILE --key KEY. It needs no database and no network, and takes this PDF ' +
      'or the JSON that is attached to it.',
    'Every byte counts: a file that was changed or saved anew is refused.',
    'The digest below is the SHA-256 of the attached certificate.json.',
  ],
  digest: 'SHA-256 of certificate.json',
  page: (page, of) => `Page ${page} of ${of}`,
  names: {
    patient: 'Patient',
    clinical: 'Clinical',
    finance: 'Finance',
    audit: 'Audit',
    'system-admin': 'System administrator',
    'privacy-officer': 'Data-protection officer',
    auditor: 'Auditor',
    DATA_SUBJECT_REQUEST: 'Request of the data subject',
    CONSENT_WITHDRAWN: 'Consent withdrawn',
    RETENTION_EXPIRED: 'Retention period ended',
    DUPLICATE_RECORD: 'Duplicate record',
    UNLAWFUL_PROCESSING: 'Unlawful processing',
    COURT_ORDER: 'Court order',
    KVKK_ART_7: 'KVKK (Law No. 6698), Article 7',
    GDPR_ART_17_1_A: 'GDPR, Article 17(1)(a)',
    GDPR_ART_17_1_B: 'GDPR, Article 17(1)(b)',
    GDPR_ART_17_1_C: 'GDPR, Article 17(1)(c)',
    GDPR_ART_17_1_D: 'GDPR, Article 17(1)(d)',
    GDPR_ART_17_1_E: 'GDPR, Article 17(1)(e)',
    GDPR_ART_17_1_F: 'GDPR, Article 17(1)(f)',
    OTHER_LAW: 'Another law',
    PatientDemographics: 'Patient demographics',
    TestResult: 'Test result',
    CarePlan: 'Care plan',
    ImagingStudy: 'Imaging study',
    FinancialTransaction: 'Financial transaction',
    InsuranceCoverage: 'Insurance coverage',
  },
};

const TR: Words = {
  title: 'Silme belgesi',
  subtitle: 'Bir hastanın tüm kayıtlarının silinmesi (soft delete)',
  claim: (rows, at) =>
    `${at} tarihinde bir hastaya ait ${rows} kayıt, veri tabanının tüm bölümlerinde tek bir işlem içinde ` +
    'silinmiştir: ya hepsi ya hiçbiri. Silme, değişikliği belli eden bir denetim günlüğünde mühürlenmiştir.',
  facts: 'Silme işlemi',
  deletion: 'Silme',
  subject: 'İlgili kişi (anahtarlı referans)',
  actorRole: 'Talep eden (rol)',
  notRecorded: 'kaydedilmemiş',
  reason: 'Gerekçe',
  legalBasis: 'Hukuki dayanak',
  requestedAt: 'Talep zamanı',
  deletedAt: 'Silme zamanı',
  issuedAt: 'Belgenin düzenlenmesi',
  counts: 'Silinen kayıtlar',
  columns: ['Bölüm', 'Kayıt türü', 'Tablo', 'Silinen', 'Şu an canlı'],
  total: 'Toplam',
  rescan: 'Yeniden tarama',
  atDeletion:
    'Silme sırasında: hastalara bağlı her tablo, işlem kesinleşmeden önce yeniden tarandı ve bu hastaya ait canlı ' +
    'kayıt bulunmadı. Tek bir kayıt bile silmeyi geri aldırırdı.',
  atIssue: (at, tables) =>
    `Belge düzenlenirken (${at}): hasta verisi tutan ${tables} tablo tarandı; bu hastaya ait 0 canlı kayıt vardı.`,
  statement: 'Silme (soft delete) nedir, ne değildir',
  log: 'Denetim günlüğündeki mühür',
  auditEvent: 'Denetim olayı',
  position: 'Konum',
  positionOf: (index, size) => `${size} olaylık ağaçta ${index} numaralı yaprak`,
  leafHash: 'Yaprağın özeti',
  checkpoint: 'Kontrol noktası',
  signedBy: 'İmzalayan',
  check: 'Bu belge nasıl doğrulanır',
  steps: [
    'Günlüğün açık anahtarını veri sorumlusundan, bu belgeden ayrı bir yolla edinin.',
    'Çalıştırın: npm run verify-certificate -- DOSYA --key ANAHTAR. Veri tabanı ve ağ gerekmez; bu PDF de ekindeki ' +
      'JSON da verilebilir.',
    'Her bayt sayılır: değiştirilmiş ya da yeniden kaydedilmiş dosya reddedilir.',
    'Aşağıdaki özet, ekteki certificate.json dosyasının SHA-256 değeridir.',
  ],
  digest: 'certificate.json dosyasının SHA-256 özeti',
  page: (page, of) => `Sayfa ${page} / ${of}`,
  names: {
    patient: 'Hasta',
    clinical: 'Klinik',
    finance: 'Finans',
    audit: 'Denetim',
    'system-admin': 'Sistem yöneticisi',
    'privacy-officer': 'Veri koruma görevlisi',
    auditor: 'Denetçi',
    DATA_SUBJECT_REQUEST: 'İlgili kişinin talebi',
    CONSENT_WITHDRAWN: 'Açık rızanın geri alınması',
    RETENTION_EXPIRED: 'Saklama süresinin dolması',
    DUPLICATE_RECORD: 'Mükerrer kayıt',
    UNLAWFUL_PROCESSING: 'Hukuka aykırı işleme',
    COURT_ORDER: 'Mahkeme kararı',
    KVKK_ART_7: '6698 sayılı KVKK, madde 7',
    GDPR_ART_17_1_A: 'GDPR, madde 17(1)(a)',
    GDPR_ART_17_1_B: 'GDPR, madde 17(1)(b)',
    GDPR_ART_17_1_C: 'GDPR, madde 17(1)(c)',
    GDPR_ART_17_1_D: 'GDPR, madde 17(1)(d)',
    GDPR_ART_17_1_E: 'GDPR, madde 17(1)(e)',
    GDPR_ART_17_1_F: 'GDPR, madde 17(1)(f)',
    OTHER_LAW: 'Diğer mevzuat',
    PatientDemographics: 'Hasta kimlik bilgileri',
    Examination: 'Muayene',
    Diagnosis: 'Tanı',
    Prescription: 'Reçete',
    TestResult: 'Tetkik sonucu',
    Procedure: 'Tıbbi işlem',
    Immunization: 'Aşı',
    Allergy: 'Alerji',
    CarePlan: 'Bakım planı',
    ImagingStudy: 'Görüntüleme',
    Device: 'Cihaz',
    Supply: 'Malzeme',
    Invoice: 'Fatura',
    FinancialTransaction: 'Finans işlemi',
    InsuranceCoverage: 'Sigorta',
  },
};

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, tr: TR };
