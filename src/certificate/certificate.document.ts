import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, type SealedLeaf } from '../transparency-log/index.js';
import { SHARDS } from '../shards/index.js';

/** Name of the format; a change that an older verifier would misread gets a new version. */
export const SCHEMA_NAME = 'silgi-deletion-certificate';
export const SCHEMA_VERSION = 1;

/** Stands before the bytes that are signed, so that the signature can be taken for nothing else. */
const SIGNED_PREFIX = Buffer.from(`${SCHEMA_NAME}/v${SCHEMA_VERSION}\n`);

const uuid = z.string().regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
/** ISO 8601 in UTC, which sorts as text. */
const moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const count = z.int().min(0);
const code = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
const shard = z.enum(SHARDS);

const role = z.string().nullable();
const resourceType = z.string();
const table = z.string();

const shardCounts = z.array(
  z.strictObject({ shard, resources: z.array(z.strictObject({ resourceType, table, rows: count })) }),
);

const leaf = z.strictObject({
  v: z.literal(1),
  auditEventId: uuid,
  action: z.literal('SYSTEM_DELETE_PATIENT'),
  deletionId: uuid,
  reason: code,
  legalBasis: code,
  purged: shardCounts,
  failure: z.null(),
  occurredAt: moment,
  actorRole: role,
  subject: hash,
  actor: hash,
  request: hash,
}) satisfies z.ZodType<SealedLeaf>;

const rescan = z.strictObject({
  atDeletion: z
    .strictObject({ required: z.literal(true), liveRows: z.literal(0) })
    .describe('The deletion commits only where its rescan finds no live row of the patient.'),
  atIssue: z
    .strictObject({
      checkedAt: moment,
      liveRows: z.literal(0),
      tables: z.array(z.strictObject({ shard, resourceType, table, liveRows: z.literal(0) })),
    })
    .describe('The patient’s live rows when this certificate was made; there is none where one is live.'),
});

const statement = z.strictObject({ code, en: z.array(z.string()), tr: z.array(z.string()) });

const log = z.strictObject({
  leaf: leaf.describe('The audit event as it is sealed; its canonical form is what is hashed.'),
  leafHash: z.string().describe('RFC 6962 hash of the leaf, base64.'),
  leafIndex: count,
  treeSize: count,
  inclusionProof: z.array(z.string()).describe('RFC 6962 audit path, base64.'),
  checkpoint: z.string().describe('Signed checkpoint of that size (C2SP tlog-checkpoint).'),
});

/** The format. Nothing beyond it may stand in a certificate. */
export const certificateSchema = z.strictObject({
  schema: z.literal(SCHEMA_NAME).describe('Name of the format.'),
  version: z.literal(SCHEMA_VERSION).describe('Version of the format.'),
  deletionId: uuid.describe('The deletion.'),
  subject: hash.describe('Stands for the patient: a keyed hash, base64url.'),
  actorRole: role.describe('The role under which it was asked for; null where that was not kept then.'),
  reason: code.describe('Why; a code.'),
  legalBasis: code.describe('The law it rests on; a code.'),
  requestedAt: moment.describe('When it was asked for, in UTC.'),
  deletedAt: moment.describe('When it was carried out, in UTC.'),
  issuedAt: moment.describe('When this certificate was made, in UTC.'),
  shards: shardCounts.describe('The rows that were deleted, per shard and table.'),
  totalRows: count.describe('The sum of them.'),
  rescan: rescan.describe('Whether any row was live after all.'),
  statement: statement.describe('What soft delete is and is not, in English and Turkish.'),
  log: log.describe('The seal of the deletion’s audit event.'),
  signedBy: z.string().describe('Name and id of the key, without the key.'),
  signature: z.string().describe('Ed25519 over the rest of the document in canonical form, base64url.'),
});

/** The format as JSON Schema. */
export function certificateJsonSchema(): Readonly<Record<string, unknown>> {
  const members = Object.entries(z.toJSONSchema(certificateSchema));
  return Object.fromEntries([
    ['title', 'DeletionCertificate'],
    ...members.filter(([name]) => name !== '$schema'),
  ]);
}

/**
 * A deletion certificate: what a data-protection officer hands to an auditor. It holds no personal data. Times are
 * ISO 8601 in UTC; hashes of the leaf are base64url, those of the log are as the log's own proofs have them.
 */
export type Certificate = z.infer<typeof certificateSchema>;

/** The file of a certificate: canonical JSON (RFC 8785) in UTF-8 and one newline. */
export function certificateBytes(certificate: object): Buffer {
  return Buffer.from(`${canonicalJson(certificate)}\n`);
}

/** The bytes that are signed: a prefix of this format's own, and the canonical document without its signature. */
export function signedBytes(certificate: object): Buffer {
  return Buffer.concat([SIGNED_PREFIX, Buffer.from(canonicalJson({ ...certificate, signature: undefined }))]);
}

/** SHA-256 of a certificate's file, hex: what `sha256sum` prints of it, and what the QR code says. */
export function digestOf(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

/** Who signs, as a verifier key and a certificate name them: `name+hexid`, without the key. */
export function signerOf(verifierKey: string): string {
  return /^[^+]+\+[0-9a-f]+/.exec(verifierKey)?.[0] ?? '';
}
