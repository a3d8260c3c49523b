import type { Language } from '../certificate/index.js';
import type { ExtensionReason, RefusalGround, RequestChannel } from '../common/index.js';

/** Every word of a letter to a data subject that is not in the record of his request. */
export interface LetterWords {
  readonly title: string;
  readonly subtitle: string;
  readonly salutation: string;
  readonly facts: string;
  readonly controller: string;
  readonly notNamed: string;
  readonly request: string;
  readonly receivedOn: string;
  readonly channel: string;
  readonly answeredOn: string;
  readonly decision: string;
  readonly ground: string;
  readonly reason: string;
  readonly dueOn: string;
  readonly deletion: string;
  readonly fulfilled: (receivedOn: string, deletedOn: string) => string;
  /** His data had been deleted before he asked. */
  readonly deletedBefore: (receivedOn: string, deletedOn: string) => string;
  readonly refused: (receivedOn: string) => string;
  readonly deferred: (receivedOn: string) => string;
  readonly later: string;
  readonly extended: (receivedOn: string, dueOn: string) => string;
  readonly meaning: string;
  /** What a deletion is, and what it is not. */
  readonly meaningOf: readonly string[];
  readonly rights: string;
  readonly rightsOf: readonly string[];
  readonly page: (page: number, of: number) => string;
  readonly channels: Readonly<Record<RequestChannel, string>>;
  readonly codes: Readonly<Record<RefusalGround | ExtensionReason, string>>;
}

const EN: LetterWords = {
  title: 'Answer to your request for erasure',
  subtitle: 'KVKK (Law No. 6698), Articles 11 and 13; GDPR, Articles 12 and 17',
  salutation: 'Dear Sir or Madam,',
  facts: 'Your request',
  controller: 'Controller',
  notNamed: 'not named in the settings of the service',
  request: 'Request',
  receivedOn: 'Received on',
  channel: 'Received by',
  answeredOn: 'Date of this decision',
  decision: 'Our decision',
  ground: 'Ground',
  reason: 'Reason',
  dueOn: 'We answer by',
  deletion: 'Deletion',
  fulfilled: (receivedOn, deletedOn) =>
    `We have carried out your request of ${receivedOn}. On ${deletedOn} the records about you in our patient database were ` +
    'deleted, in one step.',
  deletedBefore: (receivedOn, deletedOn) =>
    `The records about you in our patient database had been deleted on ${deletedOn}, before your request of ${receivedOn}. ` +
    'They still are.',
  refused: (receivedOn) => `We cannot carry out your request of ${receivedOn}, on the ground below.`,
  deferred: (receivedOn) =>
    `We cannot carry out your request of ${receivedOn} now: for reasons of law the records about you have to stay as they ` +
    'are for the time being. Your request is kept, and will be decided when that has ended.',
  later: 'deferred',
  extended: (receivedOn, dueOn) =>
    `We need more time for your request of ${receivedOn}, for the reason below. You will have our answer by ${dueOn}.`,
  meaning: 'What this deletion is, and what it is not',
  meaningOf: [
    'Deleted records are out of reach of the applications and the users who work with patients here.',
    'They are not destroyed yet. What a law makes us keep is kept until its period has ended.',
    'Not part of it are backups, what others have received from us, such as public authorities and insurers, and records ' +
      'that we keep for a reason of law or that are of other people, too.',
  ],
  rights: 'What you can do',
  rightsOf: [
    'Under KVKK you can complain to the Personal Data Protection Board within thirty days of learning of our answer and, in ' +
      'any case, within sixty days of your request (Article 14).',
    'Under the GDPR you can complain to a supervisory authority (Article 77) and go to court (Article 79).',
  ],
  page: (page, of) => `Page ${page} of ${of}`,
  channels: {
    IN_PERSON: 'In person',
    LETTER: 'By letter',
    NOTARY: 'Through a notary',
    KEP: 'By registered electronic mail (KEP)',
    EMAIL: 'By e-mail',
    PORTAL: 'Through our portal',
    OTHER: 'In another way',
  },
  codes: {
    COMPLEXITY: 'The request is complex (GDPR, Article 12(3))',
    NUMBER_OF_REQUESTS: 'There are many requests (GDPR, Article 12(3))',
    GDPR_ART_12_5_B: 'GDPR, Article 12(5)(b): the request is manifestly unfounded or excessive',
    GDPR_ART_17_3_A: 'GDPR, Article 17(3)(a): freedom of expression and information',
    GDPR_ART_17_3_B: 'GDPR, Article 17(3)(b): a legal obligation, or a task in the public interest',
    GDPR_ART_17_3_C: 'GDPR, Article 17(3)(c): public interest in the area of public health',
    GDPR_ART_17_3_D: 'GDPR, Article 17(3)(d): archiving in the public interest, research or statistics',
    GDPR_ART_17_3_E: 'GDPR, Article 17(3)(e): establishment, exercise or defence of legal claims',
    KVKK_BY_LAW_ART_12_1_C:
      'By-Law on Deletion, Destruction and Anonymisation, Article 12(1)(c): not all conditions for processing have ended',
    KVKK_ART_28_1_A: 'KVKK, Article 28(1)(a): processing within the family or household',
    KVKK_ART_28_1_B:
      'KVKK, Article 28(1)(b): official statistics, or anonymised research, planning and statistics',
    KVKK_ART_28_1_C: 'KVKK, Article 28(1)(c): art, history, literature, science, or freedom of expression',
    KVKK_ART_28_1_CC: 'KVKK, Article 28(1)(ç): national defence, security, public order or economic security',
    KVKK_ART_28_1_D:
      'KVKK, Article 28(1)(d): investigation, prosecution, trial or enforcement by judicial authorities',
    KVKK_ART_28_2_A: 'KVKK, Article 28(2)(a): prevention or investigation of crime',
    KVKK_ART_28_2_B: 'KVKK, Article 28(2)(b): data that you have made public yourself',
    KVKK_ART_28_2_C:
      'KVKK, Article 28(2)(c): supervision, regulation or discipline by authorised public bodies',
    KVKK_ART_28_2_CC:
      'KVKK, Article 28(2)(ç): economic and financial interests of the State in budget and tax matters',
  },
};

const TR: LetterWords = {
  title: 'Silme talebinize ilişkin cevap',
  subtitle: '6698 sayılı KVKK, madde 11 ve 13; GDPR, madde 12 ve 17',
  salutation: 'Sayın başvuru sahibi,',
  facts: 'Talebiniz',
  controller: 'Veri sorumlusu',
  notNamed: 'hizmetin ayarlarında belirtilmemiş',
  request: 'Talep',
  receivedOn: 'Alındığı gün',
  channel: 'Alınma yolu',
  answeredOn: 'Bu kararın tarihi',
  decision: 'Kararımız',
  ground: 'Dayanak',
  reason: 'Gerekçe',
  dueOn: 'En geç cevap günü',
  deletion: 'Silme',
  fulfilled: (receivedOn, deletedOn) =>
    `${receivedOn} tarihli talebinizi yerine getirdik. Hasta veri tabanımızda size ait kayıtlar ${deletedOn} tarihinde ` +
    'tek bir işlemde silindi.',
  deletedBefore: (receivedOn, deletedOn) =>
    `Hasta veri tabanımızda size ait kayıtlar, ${receivedOn} tarihli talebinizden önce, ${deletedOn} tarihinde silinmişti. ` +
    'Hâlen silinmiş durumdadır.',
  refused: (receivedOn) => `${receivedOn} tarihli talebinizi aşağıdaki dayanakla yerine getiremiyoruz.`,
  deferred: (receivedOn) =>
    `${receivedOn} tarihli talebinizi şu anda yerine getiremiyoruz: hukuki nedenlerle size ait kayıtların şimdilik olduğu gibi ` +
    'kalması gerekiyor. Talebiniz kayıtlıdır; bu durum sona erdiğinde karara bağlanacaktır.',
  later: 'ertelendi',
  extended: (receivedOn, dueOn) =>
    `${receivedOn} tarihli talebiniz için aşağıdaki gerekçeyle ek süreye ihtiyacımız var. Cevabımızı en geç ${dueOn} tarihinde ` +
    'alacaksınız.',
  meaning: 'Bu silme nedir, ne değildir',
  meaningOf: [
    'Silinen kayıtlara, burada hastalarla çalışan uygulamalar ve kullanıcılar erişemez.',
    'Kayıtlar henüz yok edilmemiştir. Kanunen saklamamız gereken kayıtlar, süreleri doluncaya kadar saklanır.',
    'Yedekler, kamu kurumları ve sigortalar gibi bizden kayıt almış olanlardaki kayıtlar ve hukuki bir nedenle sakladığımız ya ' +
      'da başkalarına da ait olan kayıtlar bunun kapsamında değildir.',
  ],
  rights: 'Haklarınız',
  rightsOf: [
    'KVKK uyarınca, cevabımızı öğrendiğiniz tarihten itibaren otuz gün ve her hâlde talep tarihinden itibaren altmış gün ' +
      'içinde Kişisel Verileri Koruma Kuruluna şikâyette bulunabilirsiniz (madde 14).',
    'GDPR uyarınca bir denetim makamına şikâyette bulunabilir (madde 77) ve yargı yoluna başvurabilirsiniz (madde 79).',
  ],
  page: (page, of) => `Sayfa ${page} / ${of}`,
  channels: {
    IN_PERSON: 'Elden',
    LETTER: 'Mektupla',
    NOTARY: 'Noter aracılığıyla',
    KEP: 'Kayıtlı elektronik posta (KEP) ile',
    EMAIL: 'E-posta ile',
    PORTAL: 'Portalımız üzerinden',
    OTHER: 'Başka bir yolla',
  },
  codes: {
    COMPLEXITY: 'Talep karmaşık (GDPR, madde 12(3))',
    NUMBER_OF_REQUESTS: 'Talep sayısı fazla (GDPR, madde 12(3))',
    GDPR_ART_12_5_B: 'GDPR, madde 12(5)(b): talep açıkça dayanaksız ya da aşırı',
    GDPR_ART_17_3_A: 'GDPR, madde 17(3)(a): ifade ve bilgi edinme özgürlüğü',
    GDPR_ART_17_3_B: 'GDPR, madde 17(3)(b): hukuki yükümlülük ya da kamu yararına görev',
    GDPR_ART_17_3_C: 'GDPR, madde 17(3)(c): halk sağlığı alanında kamu yararı',
    GDPR_ART_17_3_D: 'GDPR, madde 17(3)(d): kamu yararına arşivleme, araştırma ya da istatistik',
    GDPR_ART_17_3_E: 'GDPR, madde 17(3)(e): hukuki iddiaların tesisi, kullanılması ya da savunulması',
    KVKK_BY_LAW_ART_12_1_C:
      'Kişisel Verilerin Silinmesi, Yok Edilmesi veya Anonim Hale Getirilmesi Hakkında Yönetmelik, madde 12(1)(c): işleme ' +
      'şartlarının tamamı ortadan kalkmamıştır',
    KVKK_ART_28_1_A: 'KVKK, madde 28(1)(a): aile ya da aynı konut içinde işleme',
    KVKK_ART_28_1_B: 'KVKK, madde 28(1)(b): resmi istatistik ya da anonim araştırma, planlama ve istatistik',
    KVKK_ART_28_1_C: 'KVKK, madde 28(1)(c): sanat, tarih, edebiyat, bilim ya da ifade özgürlüğü',
    KVKK_ART_28_1_CC:
      'KVKK, madde 28(1)(ç): millî savunma, millî güvenlik, kamu güvenliği, kamu düzeni ya da ekonomik güvenlik',
    KVKK_ART_28_1_D:
      'KVKK, madde 28(1)(d): yargı ya da infaz mercilerinin soruşturma, kovuşturma, yargılama ve infaz işlemleri',
    KVKK_ART_28_2_A: 'KVKK, madde 28(2)(a): suçun önlenmesi ya da suç soruşturması',
    KVKK_ART_28_2_B: 'KVKK, madde 28(2)(b): kendinizin alenileştirdiği veriler',
    KVKK_ART_28_2_C:
      'KVKK, madde 28(2)(c): yetkili kamu kurumlarının denetim, düzenleme ya da disiplin görevi',
    KVKK_ART_28_2_CC:
      'KVKK, madde 28(2)(ç): bütçe, vergi ve mali konularda Devletin ekonomik ve mali çıkarları',
  },
};

export const LETTER_WORDS: Readonly<Record<Language, LetterWords>> = { en: EN, tr: TR };
