import { inflateSync } from 'node:zlib';
import { verifyBytes } from '../transparency-log/index.js';
import { CertificateInvalid } from './certificate.errors.js';

/**
 * The signature of a PDF: a comment between its trailer and its `startxref`, where PDF lets a comment stand, over
 * every other byte of the file. It does not depend on how the pages are drawn, so that a PDF stays checkable after
 * the layout or the library that draws it has changed.
 */
const SIGNED_PREFIX = Buffer.from('silgi-deletion-certificate-pdf/v1\n');
const MARK = '%silgi-signature-ed25519 ';
const SIGNATURE_CHARACTERS = 86;
const TAIL = /\n%silgi-signature-ed25519 ([A-Za-z0-9_-]{86})\nstartxref\n\d+\n%%EOF\n$/;
const UNSIGNED_TAIL = /\nstartxref\n\d+\n%%EOF\n$/;
const TAIL_BYTES = 200;

/** Name under which the certificate's JSON is attached. */
export const ATTACHMENT = 'certificate.json';

export function isPdf(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(0, 5)).toString('latin1') === '%PDF-';
}

/**
 * Signs a PDF.
 *
 * @param pdf as pdfkit writes it, with a classic cross-reference table
 * @throws Error where it ends in another way
 */
export function sealPdf(pdf: Uint8Array, sign: (bytes: Uint8Array) => Uint8Array): Buffer {
  const [end] = UNSIGNED_TAIL.exec(tailOf(pdf)) ?? [];
  if (end === undefined) throw new Error('The PDF does not end as expected; it cannot be signed.');
  const before = Buffer.concat([pdf.subarray(0, pdf.length - end.length), Buffer.from(`\n${MARK}`)]);
  const after = Buffer.from(end);
  const signature = Buffer.from(sign(Buffer.concat([SIGNED_PREFIX, before, after]))).toString('base64url');
  return Buffer.concat([before, Buffer.from(signature), after]);
}

/**
 * Checks the signature over a PDF and takes the attached certificate out of it.
 *
 * @returns the certificate's JSON, which has a signature of its own
 * @throws CertificateInvalid where any byte of the file is not as it was issued
 */
export function openPdf(pdf: Uint8Array, verifierKey: string): Buffer {
  const [tail, encoded = ''] = TAIL.exec(tailOf(pdf)) ?? [];
  if (tail === undefined)
    throw new CertificateInvalid(
      'The PDF does not end in a signature of Silgi: it was changed or saved anew.',
    );
  const start = pdf.length - tail.length + 1 + MARK.length;
  const others = [pdf.subarray(0, start), pdf.subarray(start + SIGNATURE_CHARACTERS)];
  const signature = Buffer.from(encoded, 'base64url');
  const isSigned =
    signature.toString('base64url') === encoded &&
    verifyBytes(Buffer.concat([SIGNED_PREFIX, ...others]), signature, verifierKey);
  if (!isSigned)
    throw new CertificateInvalid(
      'The signature does not fit the PDF and this key: it was changed or forged.',
    );
  return attachmentOf(Buffer.from(pdf));
}

function tailOf(pdf: Uint8Array): string {
  return Buffer.from(pdf.subarray(-TAIL_BYTES)).toString('latin1');
}

/** The one embedded file. Read only after the signature has fitted: the bytes are ours. */
function attachmentOf(pdf: Buffer): Buffer {
  const text = pdf.toString('latin1');
  const [head, dictionary = '', length] =
    /<<\n(\/Type \/EmbeddedFile\n[^]*?\/Length (\d+)\n[^]*?)>>\nstream\n/.exec(text) ?? [];
  if (head === undefined) throw new CertificateInvalid('The PDF is signed, but holds no certificate.');
  const at = text.indexOf(head) + head.length;
  const stream = pdf.subarray(at, at + Number(length));
  return dictionary.includes('/FlateDecode') ? inflateSync(stream) : stream;
}
