import { isDeepStrictEqual } from 'node:util';
import {
  canonicalJson,
  leafBytes,
  leafHash,
  openCheckpoint,
  SignedNoteRefused,
  verifyBytes,
  verifyInclusion,
} from '../transparency-log/index.js';
import {
  type Certificate,
  certificateBytes,
  certificateSchema,
  digestOf,
  signedBytes,
  signerOf,
} from './certificate.document.js';
import { CertificateInvalid } from './certificate.errors.js';
import { isPdf, openPdf } from './pdf.envelope.js';
import { STATEMENTS } from './statement.js';

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
  checkSeal(certificate, verifierKey);
  checkAgainstLeaf(certificate);
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
      `It is no deletion certificate of version 1: ${issue?.path.join('.') ?? ''} is not as the format has it.`,
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
function checkSeal({ log }: Certificate, verifierKey: string): void {
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
  demand(certificate.deletedAt === leaf.occurredAt, 'deletedAt differs from the sealed event.');
  demand(isDeepStrictEqual(certificate.shards, leaf.purged), 'The counts differ from the sealed event.');
}

function checkItself({ shards, totalRows, rescan, statement, ...times }: Certificate): void {
  const sum = shards.flatMap(({ resources }) => resources).reduce((all, { rows }) => all + rows, 0);
  demand(sum === totalRows, 'totalRows is not the sum of the counts.');
  const { requestedAt, deletedAt, issuedAt } = times;
  const isOrdered =
    requestedAt <= deletedAt && deletedAt <= rescan.atIssue.checkedAt && rescan.atIssue.checkedAt <= issuedAt;
  demand(isOrdered, 'The times are out of order.');
  const known = STATEMENTS.get(statement.code);
  demand(
    known !== undefined && canonicalJson(known) === canonicalJson(statement),
    'The statement on soft delete is not in the words of its code.',
  );
}

const ENCODING = 'base64';

function text(hash: Uint8Array): string {
  return Buffer.from(hash).toString(ENCODING);
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new CertificateInvalid(otherwise);
}
