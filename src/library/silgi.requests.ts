import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BatchOrder } from '../batch/index.js';
import {
  DELETION_REASONS,
  type DeletionReason,
  LEGAL_BASES,
  type LegalBasis,
  RESTORATION_REASONS,
  type RestorationReason,
} from '../common/index.js';
import type {
  DeletePatientCommand,
  PreviewDeletionCommand,
  RestorePatientCommand,
} from '../orchestrator/index.js';
import { type Asked, ASKED, askedBy, checked, oneOf, requestId, uuid } from './asked.js';

/** One patient to be deleted. */
export interface SilgiDeletion extends Asked {
  /** UUID. */
  readonly patientId: string;
  readonly reason: DeletionReason;
  readonly legalBasis: LegalBasis;
  /** 1 to 255 visible ASCII characters, new for every deletion: asked again with it, a deletion is answered again. */
  readonly idempotencyKey?: string | undefined;
  /** UUID; the data subject's request that it is to fulfil: vetoed where it is not one of this patient's, or is closed. */
  readonly erasureRequestId?: string | undefined;
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

const patientId = uuid;
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be 1 to 255 visible ASCII characters' })
  .optional();
const texts = z.array(z.string(), { error: 'must be a list of texts' }).optional();
const why = { reason: oneOf(DELETION_REASONS), legalBasis: oneOf(LEGAL_BASES) };

const PREVIEW = z.strictObject({ patientId, requestId });
const EXECUTION = z.strictObject({ ...ASKED, idempotencyKey });
const DELETION = z.strictObject({
  ...EXECUTION.shape,
  ...why,
  patientId,
  erasureRequestId: uuid.optional(),
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
  const { patientId: id, erasureRequestId, previewDigest } = checked(DELETION, asked);
  const { reason, legalBasis } = asked;
  return { patientId: id, reason, legalBasis, erasureRequestId, previewDigest, ...executedBy(asked) };
}

/** @throws ValidationFailed */
export function restorationOf(asked: SilgiRestoration): RestorePatientCommand {
  const { patientId: id, deletionId } = checked(RESTORATION, asked);
  return { patientId: id, deletionId, reason: asked.reason, ...executedBy(asked) };
}

/** @throws ValidationFailed */
export function executionOf(asked: SilgiExecution): Omit<BatchOrder, 'reason' | 'legalBasis' | 'dryRun'> {
  checked(EXECUTION, asked);
  return executedBy(asked);
}

/** @throws ValidationFailed */
export function orderOf(asked: SilgiBatch): BatchOrder {
  checked(BATCH, asked);
  const { reason, legalBasis, dryRun } = asked;
  return { reason, legalBasis, dryRun, ...executedBy(asked) };
}

/** Who asks, by which request, and under which key. */
function executedBy(asked: SilgiExecution) {
  return { ...askedBy(asked), idempotencyKey: asked.idempotencyKey };
}
