import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../common/index.js';
import { SHARDS } from '../shards/index.js';
import type { SealedLeaf } from '../transparency-log/index.js';

/** Name of the format; a change that an older verifier would misread gets a new version. */
export const SCHEMA_NAME = 'silgi-deletion-certificate';
/** Of a deletion that stands. */
export const SCHEMA_VERSION = 2;
/** Of one that was undone. */
export const UNDONE_VERSION = 3;

/** Stands before the bytes that are signed, so that the signature can be taken for nothing else. */
const signedPrefix = (version: number) => Buffer.from(`${SCHEMA_NAME}/v${version}\n`);

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

const leafMembers = {
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
};
/** How the requester is known. */
const via = z.enum(['TOKEN', 'TERMINAL']).nullable();
const leaf1 = z.strictObject({ v: z.literal(1), ...leafMembers }) satisfies z.ZodType<SealedLeaf>;
const leaf2 = z.strictObject({
  v: z.literal(2),
  ...leafMembers,
  requestedAt: moment,
  actorKind: via,
  actorSource: hash,
}) satisfies z.ZodType<SealedLeaf>;

const leafOfRestoration = z.strictObject({
  v: z.literal(2),
  ...leafMembers,
  action: z.literal('SYSTEM_RESTORE_PATIENT'),
  legalBasis: z.null(),
  requestedAt: moment,
  actorKind: via,
  actorSource: hash,
}) satisfies z.ZodType<SealedLeaf>;

const atDeletion = z
  .strictObject({ required: z.literal(true), liveRows: z.literal(0) })
  .describe('The deletion commits only where its rescan finds no live row of the patient.');
const rescan = z.strictObject({
  atDeletion,
  atIssue: z
    .strictObject({
      checkedAt: moment,
      liveRows: z.literal(0),
      tables: z.array(z.strictObject({ shard, resourceType, table, liveRows: z.literal(0) })),
    })
    .describe('The patient’s live rows when this certificate was made; there is none where one is live.'),
});

const statement = z.strictObject({ code, en: z.array(z.string()), tr: z.array(z.string()) });

const LEAF = 'The audit event as it is sealed; its canonical form is what is hashed.';
const sealMembers = {
  leafHash: z.string().describe('RFC 6962 hash of the leaf, base64.'),
  leafIndex: count,
  treeSize: count,
  inclusionProof: z.array(z.string()).describe('RFC 6962 audit path, base64.'),
  checkpoint: z.string().describe('Signed checkpoint of that size (C2SP tlog-checkpoint).'),
};
const SEAL = 'The seal of the deletion’s audit event.';

const controller = z.strictObject({
  name: z.string().describe('Its name.'),
  registration: z.string().nullable().describe('Its number in a register of controllers, such as VERBİS.'),
  contact: z.string().nullable().describe('How a data subject reaches it.'),
});

const members = {
  schema: z.literal(SCHEMA_NAME).describe('Name of the format.'),
  deletionId: uuid.describe('The deletion.'),
  subject: hash.describe('Stands for the patient: a keyed hash, base64url.'),
  actorRole: role.describe('The role under which it was asked for; null at a terminal, or not kept then.'),
  reason: code.describe('Why; a code.'),
  legalBasis: code.describe('The law it rests on; a code.'),
  deletedAt: moment.describe('When it was carried out, in UTC.'),
  issuedAt: moment.describe('When this certificate was made, in UTC.'),
  shards: shardCounts.describe('The rows that were deleted, per shard and table.'),
  totalRows: count.describe('The sum of them.'),
  rescan: rescan.describe('Whether any row was live after all.'),
  statement: statement.describe('What soft delete is and is not, in English and Turkish.'),
  signedBy: z.string().describe('Name and id of the key, without the key.'),
  signature: z.string().describe('Ed25519 over the rest of the document in canonical form, base64url.'),
};

/** What was issued before the request was sealed; its `requestedAt` is of the record, which is not. */
const certificate1 = z.strictObject({
  ...members,
  version: z.literal(1),
  requestedAt: moment,
  log: z.strictObject({ leaf: leaf1, ...sealMembers }),
});

/** What is said of the request and of the controller since version 2. */
const laterMembers = {
  controller: controller
    .nullable()
    .describe('In whose name patients are deleted there; null where the service was not told.'),
  requestedAt: moment
    .nullable()
    .describe('When it was asked for, in UTC; null where the sealed event is too old to say it.'),
  requestedVia: via.describe('How the requester is known; null where the sealed event does not say it.'),
  log: z
    .strictObject({
      leaf: z.discriminatedUnion('v', [leaf1, leaf2]).describe(LEAF),
      ...sealMembers,
    })
    .describe(SEAL),
};

/** What is issued of a deletion that stands. */
const certificate2 = z.strictObject({
  ...members,
  ...laterMembers,
  version: z.literal(SCHEMA_VERSION).describe('Version of the format.'),
});

const restoration = z.strictObject({
  actorRole: role.describe('The role under which it was asked for; null at a terminal.'),
  requestedVia: via.describe('How whoever asked is known.'),
  reason: code.describe('Why the deletion was undone; a code.'),
  requestedAt: moment.describe('When that was asked for, in UTC.'),
  restoredAt: moment.describe('When it was carried out, in UTC.'),
  log: z
    .strictObject({ leaf: leafOfRestoration.describe(LEAF), ...sealMembers })
    .describe('The seal of the restoration’s audit event.'),
});

/** What is issued of a deletion that was undone: nothing is said of what is live now. */
const certificate3 = z.strictObject({
  ...members,
  ...laterMembers,
  version: z.literal(UNDONE_VERSION).describe('Version of the format.'),
  rescan: z.strictObject({ atDeletion }).describe('Whether any row was live after all when it was deleted.'),
  restoration: restoration.describe(
    'That the deletion was undone: every row that is counted here came back.',
  ),
});

/** The format, by its versions. Nothing beyond it may stand in a certificate. */
export const certificateSchema = z.discriminatedUnion('version', [certificate1, certificate2, certificate3]);
const issued = z.discriminatedUnion('version', [certificate2, certificate3]);

/** The format of what is issued, as JSON Schema. */
export function certificateJsonSchema(): Readonly<Record<string, unknown>> {
  const members = Object.entries(z.toJSONSchema(issued));
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
/** A certificate as it is issued now, of a deletion that stands or of one that was undone. */
export type IssuedCertificate = z.infer<typeof issued>;
/** Of one that was undone. */
export type UndoneCertificate = z.infer<typeof certificate3>;

/** The file of a certificate: canonical JSON (RFC 8785) in UTF-8 and one newline. */
export function certificateBytes(certificate: object): Buffer {
  return Buffer.from(`${canonicalJson(certificate)}\n`);
}

/** The bytes that are signed: a prefix of this format's own, and the canonical document without its signature. */
export function signedBytes(certificate: { readonly version: number }): Buffer {
  const rest = canonicalJson({ ...certificate, signature: undefined });
  return Buffer.concat([signedPrefix(certificate.version), Buffer.from(rest)]);
}

/** SHA-256 of a certificate's file, hex: what `sha256sum` prints of it, and what the QR code says. */
export function digestOf(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

/** Who signs, as a verifier key and a certificate name them: `name+hexid`, without the key. */
export function signerOf(verifierKey: string): string {
  return /^[^+]+\+[0-9a-f]+/.exec(verifierKey)?.[0] ?? '';
}
