import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ValidationFailed } from '../admin/index.js';
import type { BatchOrder } from '../batch/index.js';
import {
  DELETION_REASONS,
  type DeletionReason,
  LEGAL_BASES,
  type LegalBasis,
  type Requester,
  RequesterRefused,
  requesterByToken,
  RESTORATION_REASONS,
  type RestorationReason,
  UUID,
} from '../common/index.js';
import type {
  DeletePatientCommand,
  PreviewDeletionCommand,
  RestorePatientCommand,
} from '../orchestrator/index.js';

/**
 * Who asks, as the application has signed them in: the audit event and the certificate say that the requester was known
 * by a token of this issuer. Silgi cannot check it; the application answers for it.
 */
export interface SilgiRequester {
  /** Whom the token was issued to (`sub`): 1 to 255 characters, none of them invisible. */
  readonly subject: string;
  /** Who issued it (`iss`). */
  readonly issuer: string;
  /** The role under which the application lets this be done, by whatever name it has there. */
  readonly role: string;
}

interface Asked {
  readonly requestedBy: SilgiRequester;
  /** 1 to 64 of the characters `A-Za-z0-9._-`, by which the application's log knows the request; made unless told. */
  readonly requestId?: string | undefined;
}

/** One patient to be deleted. */
export interface SilgiDeletion extends Asked {
  /** UUID. */
  readonly patientId: string;
  readonly reason: DeletionReason;
  readonly legalBasis: LegalBasis;
  /** 1 to 255 visible ASCII characters, new for every deletion: asked again with it, a deletion is answered again. */
  readonly idempotencyKey?: string | undefined;
  /** `digest` of a preview: refused where the patient has changed since. */
  readonly previewDigest?: string | undefined;
}

/** One deletion to be undone. */
export interface SilgiRestoration extends Asked {
  /** UUID. */
  readonly patientId: string;
  /** UUID; `deletionId` of the answer to the deletion. */
  readonly deletionId: string;
  readonly reason: RestorationReason;
  /** As of a deletion: asked again with it, a restoration is answered again. */
  readonly idempotencyKey?: string | undefined;
}

/** One patient whose deletion is to be previewed. */
export interface SilgiPreview {
  /** UUID. */
  readonly patientId: string;
  readonly requestId?: string | undefined;
}

/** How a dry run is carried out. */
export interface SilgiExecution extends Asked {
  /** As of a deletion; asked again with it, the batch that is there is found. */
  readonly idempotencyKey?: string | undefined;
}

/** Many patients to be deleted. */
export interface SilgiBatch extends SilgiExecution {
  /** UUIDs, a million at most; a line that is none becomes an outcome of the batch. */
  readonly patientIds?: readonly string[];
  /** The hospital's keys instead, where a declaration is in force: each just as its database writes it. */
  readonly patientKeys?: readonly string[];
  readonly reason: DeletionReason;
  readonly legalBasis: LegalBasis;
  /** Whether every patient is only previewed. */
  readonly dryRun: boolean;
}

const oneOf = (words: readonly string[]) => z.enum(words, { error: `must be one of ${words.join(', ')}` });
const uuid = z
  .string({ error: 'must be a UUID' })
  .regex(UUID, { error: 'must be a UUID' })
  .transform((id) => id.toLowerCase());
const patientId = uuid;
const requestId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be 1 to 64 of the characters A-Za-z0-9._-' })
  .optional();
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be 1 to 255 visible ASCII characters' })
  .optional();
const name = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' });
const requestedBy = z.strictObject({ subject: name, issuer: name, role: name });
const texts = z.array(z.string(), { error: 'must be a list of texts' }).optional();
const why = { reason: oneOf(DELETION_REASONS), legalBasis: oneOf(LEGAL_BASES) };

const PREVIEW = z.strictObject({ patientId, requestId });
const EXECUTION = z.strictObject({ requestedBy, requestId, idempotencyKey });
const DELETION = z.strictObject({
  ...EXECUTION.shape,
  ...why,
  patientId,
  previewDigest: z.string().max(255).optional(),
});
const RESTORATION = z.strictObject({
  ...EXECUTION.shape,
  patientId,
  deletionId: uuid,
  reason: oneOf(RESTORATION_REASONS),
});
const BATCH = z
  .strictObject({
    ...EXECUTION.shape,
    ...why,
    patientIds: texts,
    patientKeys: texts,
    dryRun: z.boolean({ error: 'must be true or false' }),
  })
  .refine(({ patientIds, patientKeys }) => (patientIds === undefined) !== (patientKeys === undefined), {
    path: ['patientIds'],
    error: 'must be there, or patientKeys in its place, and not both',
  });

/** @throws ValidationFailed */
export function previewOf(asked: SilgiPreview): PreviewDeletionCommand {
  const { patientId: id, requestId: request } = checked(PREVIEW, asked);
  return { patientId: id, requestId: request ?? randomUUID() };
}

/** @throws ValidationFailed */
export function keyOf(asked: string): string {
  return checked(z.object({ key: z.string({ error: 'must be a text' }) }), { key: asked }).key;
}

/** @throws ValidationFailed */
export function deletionOf(asked: SilgiDeletion): DeletePatientCommand {
  const { patientId: id, previewDigest } = checked(DELETION, asked);
  const { reason, legalBasis } = asked;
  return { patientId: id, reason, legalBasis, previewDigest, ...askedBy(asked) };
}

/** @throws ValidationFailed */
export function restorationOf(asked: SilgiRestoration): RestorePatientCommand {
  const { patientId: id, deletionId } = checked(RESTORATION, asked);
  return { patientId: id, deletionId, reason: asked.reason, ...askedBy(asked) };
}

/** @throws ValidationFailed */
export function executionOf(asked: SilgiExecution): Omit<BatchOrder, 'reason' | 'legalBasis' | 'dryRun'> {
  checked(EXECUTION, asked);
  return askedBy(asked);
}

/** @throws ValidationFailed */
export function orderOf(asked: SilgiBatch): BatchOrder {
  checked(BATCH, asked);
  const { reason, legalBasis, dryRun } = asked;
  return { reason, legalBasis, dryRun, ...askedBy(asked) };
}

function checked<Schema extends z.ZodType>(schema: Schema, asked: object): z.infer<Schema> {
  const parsed = schema.safeParse(asked);
  if (parsed.success) return parsed.data;
  throw new ValidationFailed(
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message:
        issue.code === 'unrecognized_keys'
          ? `has what is not known: ${issue.keys.join(', ')}`
          : issue.message,
    })),
  );
}

/** Who asks, by which request, and under which key. */
function askedBy(asked: SilgiExecution) {
  const { requestId: request = randomUUID(), idempotencyKey: key } = asked;
  return { ...requesterOf(asked), requestId: request, idempotencyKey: key };
}

function requesterOf({ requestedBy: asking }: Asked): Requester {
  try {
    return requesterByToken(asking);
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
    throw new ValidationFailed([{ path: 'requestedBy.subject', message: error.message }]);
  }
}
