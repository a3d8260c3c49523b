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
  readonly controller: string;
  readonly notNamed: string;
  readonly requestedVia: string;
  /** In place of what an event from before this was sealed does not say. */
  readonly notSealed: string;
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
  /** What the QR code is, for whoever does not see it; the digest follows. */
  readonly qrCode: string;
  readonly page: (page: number, of: number) => string;
  /** In place of the words above on the certificate of a deletion that was undone, and what it says besides. */
  readonly undone: {
    readonly title: string;
    readonly subtitle: string;
    readonly claim: (totalRows: string, deletedAt: string, restoredAt: string) => string;
    readonly facts: string;
    readonly restoredAt: string;
    readonly statement: string;
    readonly log: string;
  };
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
  controller: 'Controller',
  notNamed: 'not named in the settings of the service',
  requestedVia: 'Requester known by',
  notSealed: 'not sealed with this event, so not attested',
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
    'Run: npx silgi verify-certificate FILE --key KEY. It needs no database and no network, and takes this PDF ' +
      'or the JSON that is attached to it.',
    'Every byte counts: a file that was changed or saved anew is refused.',
    'The digest below is the SHA-256 of the attached certificate.json.',
  ],
  digest: 'SHA-256 of certificate.json',
  qrCode: 'QR code with the SHA-256 of certificate.json',
  page: (page, of) => `Page ${page} of ${of}`,
  undone: {
    title: 'Certificate of an undone deletion',
    subtitle: 'All records of one patient were deleted, and brought back',
    claim: (rows, deletedAt, restoredAt) =>
      `On ${deletedAt}, ${rows} records of one patient were deleted in all shards of the database in one transaction. ` +
      `On ${restoredAt} this deletion was UNDONE: the same ${rows} records came back in one transaction, every one of ` +
      'them. Both are sealed in a tamper-evident log.',
    facts: 'The restoration',
    restoredAt: 'Restored',
    statement: 'What this certificate shows, and what it does not',
    log: 'Seal of the restoration',
  },
  names: {
    patient: 'Patient',
    clinical: 'Clinical',
    finance: 'Finance',
    audit: 'Audit',
    'system-admin': 'System administrator',
    'privacy-officer': 'Data-protection officer',
    auditor: 'Auditor',
    TOKEN: 'a token of the identity provider',
    TERMINAL: 'the login at a terminal; no role was checked',
    DATA_SUBJECT_REQUEST: 'Request of the data subject',
    CONSENT_WITHDRAWN: 'Consent withdrawn',
    RETENTION_EXPIRED: 'Retention period ended',
    DUPLICATE_RECORD: 'Duplicate record',
    UNLAWFUL_PROCESSING: 'Unlawful processing',
    COURT_ORDER: 'Court order',
    DELETED_IN_ERROR: 'Deleted in error',
    REQUEST_WITHDRAWN: 'Request withdrawn',
    KVKK_ART_7: 'KVKK (Law No. 6698), Article 7',
    GDPR_ART_17_1_A: 'GDPR, Article 17(1)(a)',
    GDPR_ART_17_1_B: 'GDPR, Article 17(1)(b)',
    GDPR_ART_17_1_C: 'GDPR, Article 17(1)(c)',
    GDPR_ART_17_1_D: 'GDPR, Article 17(1)(d)',
    GDPR_ART_17_1_E: 'GDPR, Article 17(1)(e)',
    GDPR_ART_17_1_F: 'GDPR, Article 17(1)(f)',
    OTHER_LAW: 'Another law',
    PatientDemographics: 'Patient demographics',
    Examination: 'Examination',
    Diagnosis: 'Diagnosis',
    Prescription: 'Prescription',
    TestResult: 'Test result',
    Procedure: 'Procedure',
    Immunization: 'Immunization',
    Allergy: 'Allergy',
    CarePlan: 'Care plan',
    ImagingStudy: 'Imaging study',
    Device: 'Device',
    Supply: 'Supply',
    Invoice: 'Invoice',
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
  controller: 'Veri sorumlusu',
  notNamed: 'hizmetin ayarlarında belirtilmemiş',
  requestedVia: 'Talep edenin kimliği',
  notSealed: 'bu olayla mühürlenmemiş, bu nedenle belgelenmez',
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
    'Çalıştırın: npx silgi verify-certificate DOSYA --key ANAHTAR. Veri tabanı ve ağ gerekmez; bu PDF de ekindeki ' +
      'JSON da verilebilir.',
    'Her bayt sayılır: değiştirilmiş ya da yeniden kaydedilmiş dosya reddedilir.',
    'Aşağıdaki özet, ekteki certificate.json dosyasının SHA-256 değeridir.',
  ],
  digest: 'certificate.json dosyasının SHA-256 özeti',
  qrCode: 'certificate.json dosyasının SHA-256 özetini taşıyan karekod',
  page: (page, of) => `Sayfa ${page} / ${of}`,
  undone: {
    title: 'Geri alınmış silme belgesi',
    subtitle: 'Bir hastanın tüm kayıtları silinmiş ve geri getirilmiştir',
    claim: (rows, deletedAt, restoredAt) =>
      `${deletedAt} tarihinde bir hastaya ait ${rows} kayıt, veri tabanının tüm bölümlerinde tek bir işlem içinde ` +
      `silinmiştir. ${restoredAt} tarihinde bu silme GERİ ALINMIŞTIR: aynı ${rows} kaydın tümü tek bir işlem içinde geri ` +
      'getirilmiştir. İkisi de değişikliği belli eden bir denetim günlüğünde mühürlenmiştir.',
    facts: 'Geri alma',
    restoredAt: 'Geri alma zamanı',
    statement: 'Bu belge neyi gösterir, neyi göstermez',
    log: 'Geri almanın mührü',
  },
  names: {
    patient: 'Hasta',
    clinical: 'Klinik',
    finance: 'Finans',
    audit: 'Denetim',
    'system-admin': 'Sistem yöneticisi',
    'privacy-officer': 'Veri koruma görevlisi',
    auditor: 'Denetçi',
    TOKEN: 'kimlik sağlayıcının belirteci',
    TERMINAL: 'terminalde oturum açan kullanıcı; rol denetlenmedi',
    DATA_SUBJECT_REQUEST: 'İlgili kişinin talebi',
    CONSENT_WITHDRAWN: 'Açık rızanın geri alınması',
    RETENTION_EXPIRED: 'Saklama süresinin dolması',
    DUPLICATE_RECORD: 'Mükerrer kayıt',
    UNLAWFUL_PROCESSING: 'Hukuka aykırı işleme',
    COURT_ORDER: 'Mahkeme kararı',
    DELETED_IN_ERROR: 'Yanlışlıkla silinmiş',
    REQUEST_WITHDRAWN: 'Talebin geri çekilmesi',
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
