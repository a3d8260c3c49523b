import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../common/index.js';
import {
  leafBytes,
  leafHash,
  openCheckpoint,
  SignedNoteRefused,
  verifyBytes,
  verifyInclusion,
} from '../transparency-log/index.js';
import {
  type Certificate,
  type IssuedCertificate,
  type UndoneCertificate,
  certificateBytes,
  certificateSchema,
  digestOf,
  signedBytes,
  signerOf,
} from './certificate.document.js';
import { CertificateInvalid } from './certificate.errors.js';
import { isPdf, openPdf } from './pdf.envelope.js';
import { STATEMENTS, UNDONE_STATEMENTS } from './statement.js';

/** A certificate that has been checked. */
export interface VerifiedCertificate {
  readonly certificate: Certificate;
  /** SHA-256 of the certificate's JSON, hex: what the QR code says. */
  readonly digest: string;
  readonly format: 'JSON' | 'PDF';
}

/**
 * Checks a certificate with the log's public key alone: no database, no network, no clock.
 *
 * @param file the JSON or the PDF, as it was issued
 * @param verifierKey `name+hexid+base64` (C2SP signed-note), had from the controller and not from the file
 * @throws CertificateInvalid naming the first thing that is wrong
 * @throws SignedNoteRefused where the key itself is malformed
 */
export function verifyCertificate(file: Uint8Array, verifierKey: string): VerifiedCertificate {
  const format = isPdf(file) ? 'PDF' : 'JSON';
  const json = format === 'PDF' ? openPdf(file, verifierKey) : file;
  const certificate = parse(json);
  checkSignature(certificate, verifierKey);
  checkSeal(certificate.log, verifierKey);
  checkAgainstLeaf(certificate);
  if (certificate.version === 3) checkRestoration(certificate, verifierKey);
  checkItself(certificate);
  return { certificate, digest: digestOf(json), format };
}

/** One document has one form: another order, space, escape or a repeated key is a changed file. */
function parse(json: Uint8Array): Certificate {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json));
  } catch {
    throw new CertificateInvalid('The file is neither a PDF of Silgi nor JSON in UTF-8.');
  }
  const parsed = certificateSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CertificateInvalid(
      `It is no deletion certificate of version 1, 2 or 3: ${issue?.path.join('.') ?? ''} is not as the format has it.`,
    );
  }
  if (Buffer.compare(certificateBytes(parsed.data), json) !== 0)
    throw new CertificateInvalid('The file is not written in canonical form (RFC 8785): it was changed.');
  return parsed.data;
}

function checkSignature(certificate: Certificate, verifierKey: string): void {
  const signature = Buffer.from(certificate.signature, 'base64url');
  const isSigned =
    verifyBytes(signedBytes(certificate), signature, verifierKey) &&
    signature.toString('base64url') === certificate.signature;
  demand(isSigned, 'The signature does not fit the document and this key: it was changed or forged.');
  demand(certificate.signedBy === signerOf(verifierKey), 'It names another key than the one that signed it.');
}

/** The leaf is in the tree whose root the log's key has signed (RFC 6962, C2SP tlog-checkpoint). */
function checkSeal(
  log: Certificate['log'] | UndoneCertificate['restoration']['log'],
  verifierKey: string,
): void {
  const hash = leafHash(leafBytes(log.leaf));
  demand(text(hash) === log.leafHash, 'The leaf does not have the hash that the certificate gives.');
  const checkpoint = open(log.checkpoint, verifierKey);
  demand(checkpoint.size === log.treeSize, 'The checkpoint is of another size than the inclusion proof.');
  const proof = log.inclusionProof.map((sibling) => Buffer.from(sibling, ENCODING));
  const isIncluded = verifyInclusion({
    leafHash: hash,
    leafIndex: log.leafIndex,
    treeSize: log.treeSize,
    proof,
    root: checkpoint.root,
  });
  demand(isIncluded, 'The inclusion proof does not lead from the leaf to the root of the checkpoint.');
}

function open(checkpoint: string, verifierKey: string): ReturnType<typeof openCheckpoint> {
  try {
    return openCheckpoint(checkpoint, verifierKey);
  } catch (error) {
    if (error instanceof SignedNoteRefused)
      throw new CertificateInvalid(`The checkpoint is refused: ${error.message}`);
    throw error;
  }
}

/** What the certificate says in its own words is what was sealed, number by number. */
function checkAgainstLeaf(certificate: Certificate): void {
  const { leaf } = certificate.log;
  for (const name of ['deletionId', 'subject', 'actorRole', 'reason', 'legalBasis'] as const)
    demand(certificate[name] === leaf[name], `${name} differs from the sealed event.`);
  if (certificate.version !== 1) checkRequest(certificate);
  demand(certificate.deletedAt === leaf.occurredAt, 'deletedAt differs from the sealed event.');
  demand(isDeepStrictEqual(certificate.shards, leaf.purged), 'The counts differ from the sealed event.');
}

/** What a leaf of version 1 does not say stays unsaid. */
function checkRequest({ requestedAt, requestedVia, log: { leaf } }: IssuedCertificate): void {
  const sealed = leaf.v === 1 ? { requestedAt: null, actorKind: null } : leaf;
  demand(requestedAt === sealed.requestedAt, 'requestedAt differs from the sealed event.');
  demand(requestedVia === sealed.actorKind, 'requestedVia differs from the sealed event.');
}

/** What it says of the restoration is what was sealed of it: it was of this deletion, and of every row. */
function checkRestoration(
  { restoration, deletionId, shards, ...about }: UndoneCertificate,
  key: string,
): void {
  checkSeal(restoration.log, key);
  const { leaf } = restoration.log;
  demand(leaf.deletionId === deletionId, 'The restoration is that of another deletion.');
  demand(isDeepStrictEqual(leaf.purged, shards), 'The restoration brought back other rows.');
  for (const name of ['actorRole', 'reason', 'requestedAt'] as const)
    demand(restoration[name] === leaf[name], `${name} of the restoration differs from its sealed event.`);
  demand(
    restoration.requestedVia === leaf.actorKind,
    'requestedVia of the restoration differs from its sealed event.',
  );
  demand(restoration.restoredAt === leaf.occurredAt, 'restoredAt differs from the sealed event.');
  const isOrdered =
    about.deletedAt <= restoration.restoredAt &&
    restoration.requestedAt <= restoration.restoredAt &&
    restoration.restoredAt <= about.issuedAt;
  demand(isOrdered, 'The times are out of order.');
}

function checkItself(certificate: Certificate): void {
  const { shards, totalRows, statement } = certificate;
  const sum = shards.flatMap(({ resources }) => resources).reduce((all, { rows }) => all + rows, 0);
  demand(sum === totalRows, 'totalRows is not the sum of the counts.');
  const { requestedAt, deletedAt, issuedAt } = certificate;
  const checkedAt = certificate.version === 3 ? issuedAt : certificate.rescan.atIssue.checkedAt;
  const isOrdered =
    (requestedAt ?? deletedAt) <= deletedAt && deletedAt <= checkedAt && checkedAt <= issuedAt;
  demand(isOrdered, 'The times are out of order.');
  const known = (certificate.version === 3 ? UNDONE_STATEMENTS : STATEMENTS).get(statement.code);
  demand(
    known !== undefined && canonicalJson(known) === canonicalJson(statement),
    'The statement is not in the words of its code.',
  );
}

const ENCODING = 'base64';

function text(hash: Uint8Array): string {
  return Buffer.from(hash).toString(ENCODING);
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new CertificateInvalid(otherwise);
}
