/** Why a deletion is asked for. Codes, never free text, so that no personal data gets in (COMPLIANCE). */
export const DELETION_REASONS = [
  'DATA_SUBJECT_REQUEST',
  'CONSENT_WITHDRAWN',
  'RETENTION_EXPIRED',
  'DUPLICATE_RECORD',
  'UNLAWFUL_PROCESSING',
  'COURT_ORDER',
] as const;
export type DeletionReason = (typeof DELETION_REASONS)[number];

/** Why a deletion is undone. Codes as well. */
export const RESTORATION_REASONS = [
  'DELETED_IN_ERROR',
  'REQUEST_WITHDRAWN',
  'COURT_ORDER',
  'OTHER_LAW',
] as const;
export type RestorationReason = (typeof RESTORATION_REASONS)[number];

/** The law it rests on: KVKK Art. 7, one of the grounds of GDPR Art. 17(1), or another law. */
export const LEGAL_BASES = [
  'KVKK_ART_7',
  'GDPR_ART_17_1_A',
  'GDPR_ART_17_1_B',
  'GDPR_ART_17_1_C',
  'GDPR_ART_17_1_D',
  'GDPR_ART_17_1_E',
  'GDPR_ART_17_1_F',
  'OTHER_LAW',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** Why a patient's data must stay as it is. Codes as well; the case has its number beside it. */
export const HOLD_GROUNDS = ['LITIGATION', 'INVESTIGATION', 'REGULATOR', 'STATUTORY_RETENTION'] as const;
export type HoldGround = (typeof HOLD_GROUNDS)[number];

/** Why it need not any more. */
export const RELEASE_GROUNDS = ['CASE_CLOSED', 'COURT_ORDER', 'PERIOD_OVER', 'PLACED_IN_ERROR'] as const;
export type ReleaseGround = (typeof RELEASE_GROUNDS)[number];

/** Why rows are kept after a deletion: what the law wants kept, and for how long. Commercial records: TTK 82; tax: VUK 253. */
export const RETENTION_GROUNDS = [
  'HEALTH_RECORDS',
  'FORENSIC',
  'COMMERCIAL_RECORDS',
  'TAX_RECORDS',
  'INSURANCE',
  'CONTRACT',
  'OTHER_LAW',
] as const;
export type RetentionGround = (typeof RETENTION_GROUNDS)[number];

/** How a data subject has asked for the erasure of his data. Codes as well. */
export const REQUEST_CHANNELS = ['IN_PERSON', 'LETTER', 'NOTARY', 'KEP', 'EMAIL', 'PORTAL', 'OTHER'] as const;
export type RequestChannel = (typeof REQUEST_CHANNELS)[number];

/** Why a request takes longer (GDPR 12(3)). */
export const EXTENSION_REASONS = ['COMPLEXITY', 'NUMBER_OF_REQUESTS'] as const;
export type ExtensionReason = (typeof EXTENSION_REASONS)[number];

/**
 * Why a request is refused: GDPR 17(3) by its letters, or 12(5)(b), manifestly unfounded or excessive; KVKK 28 by its
 * paragraphs and letters, CC for ç; or By-Law 12(1)(c), not all of the conditions for processing have ended.
 */
export const REFUSAL_GROUNDS = [
  'GDPR_ART_12_5_B',
  'GDPR_ART_17_3_A',
  'GDPR_ART_17_3_B',
  'GDPR_ART_17_3_C',
  'GDPR_ART_17_3_D',
  'GDPR_ART_17_3_E',
  'KVKK_BY_LAW_ART_12_1_C',
  'KVKK_ART_28_1_A',
  'KVKK_ART_28_1_B',
  'KVKK_ART_28_1_C',
  'KVKK_ART_28_1_CC',
  'KVKK_ART_28_1_D',
  'KVKK_ART_28_2_A',
  'KVKK_ART_28_2_B',
  'KVKK_ART_28_2_C',
  'KVKK_ART_28_2_CC',
] as const;
export type RefusalGround = (typeof REFUSAL_GROUNDS)[number];

/** What a shard may have against a deletion, where it is switched on (DELETION_VETOES). */
export const DELETION_VETOES = ['OPEN_EXAMINATION', 'UNPAID_BALANCE'] as const;
export type DeletionVeto = (typeof DELETION_VETOES)[number];
