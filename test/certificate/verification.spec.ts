import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/common/index.js';
import { type NoteSigner, SignedNoteRefused } from '../../src/transparency-log/index.js';
import { CertificateInvalid, verifyCertificate } from '../../src/certificate/index.js';
import { printCertificate } from '../../src/certificate/certificate.pdf.js';
import { sealPdf } from '../../src/certificate/pdf.envelope.js';
import { exampleDraft, issuedIn, newSigner, signDraft } from './example.js';

let signer: NoteSigner;
let json: Buffer;
let pdf: Buffer;

beforeAll(async () => {
  signer = newSigner();
  json = signDraft(exampleDraft(signer), signer);
  pdf = sealPdf(await printCertificate(issuedIn(json, signer), 'tr'), sign);
});

function sign(bytes: Uint8Array): Uint8Array {
  return signer.signBytes(bytes);
}

/** Whether the file is refused; another error than the one that says so fails the test. */
function isRefused(file: Uint8Array, key = signer.verifierKey): boolean {
  try {
    verifyCertificate(file, key);
    return false;
  } catch (error) {
    if (error instanceof CertificateInvalid) return true;
    throw error;
  }
}

/** Places at which a file is accepted although this byte of it was changed. */
function acceptedChanges(file: Buffer, places: Iterable<number>, change: (byte: number) => number): number[] {
  const changed = Buffer.from(file);
  const accepted: number[] = [];
  for (const at of places) {
    const byte = file[at] ?? 0;
    changed[at] = change(byte);
    if (!isRefused(changed)) accepted.push(at);
    changed[at] = byte;
  }
  expect(changed.equals(file)).toBe(true);
  return accepted;
}

function* everyNth(length: number, step: number): Generator<number> {
  for (let at = 0; at < length; at += step) yield at;
}

describe('verifyCertificate', () => {
  it('takes a certificate as it was issued, and says what it says', () => {
    const { certificate, digest, format } = verifyCertificate(json, signer.verifierKey);
    expect({ format, digest }).toEqual({
      format: 'JSON',
      digest: createHash('sha256').update(json).digest('hex'),
    });
    expect(certificate).toEqual(JSON.parse(json.toString()));
    expect(json.toString()).toBe(`${canonicalJson(certificate)}\n`);
    expect(verifyCertificate(pdf, signer.verifierKey)).toEqual({ certificate, digest, format: 'PDF' });
  });

  it('refuses the JSON with any one of its bytes changed', () => {
    expect(acceptedChanges(json, json.keys(), (byte) => byte ^ 1)).toEqual([]);
    expect(acceptedChanges(json, json.keys(), (byte) => byte ^ 0x80)).toEqual([]);
    // The other case of a letter, at some places more.
    expect(acceptedChanges(json, everyNth(json.length, 5), (byte) => byte ^ 0x20)).toEqual([]);
  });

  it('refuses a PDF with a byte changed, on its pages, in its fonts, in its attachment and in its signature', () => {
    const places = new Set([...everyNth(pdf.length, 31), ...[...pdf.keys()].slice(-400)]);
    expect(acceptedChanges(pdf, places, (byte) => byte ^ 1)).toEqual([]);
    expect(acceptedChanges(pdf, [...pdf.keys()].slice(-400), (byte) => byte ^ 0x20)).toEqual([]);
  });

  it.each(['json', 'pdf'] as const)('refuses a %s whose signature is written in another way', (kind) => {
    const file = kind === 'json' ? json : pdf;
    const { signature } = verifyCertificate(json, signer.verifierKey).certificate;
    const tail = file.subarray(-200).toString('latin1');
    const written = kind === 'json' ? signature : (/(?<=ed25519 ).{86}/.exec(tail)?.[0] ?? '');
    const at = file.lastIndexOf(written);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=';
    const others = Array.from(letters)
      .map((last) => written.slice(0, -1) + last)
      .filter((one) => one !== written);
    // A lenient reader of base64 passes over spare bits, padding and foreign characters.
    const bytes = Buffer.from(written, 'base64url');
    expect(others.filter((one) => Buffer.from(one, 'base64url').equals(bytes))).not.toEqual([]);
    for (const one of [
      ...others,
      `${written}=`,
      `${written}==`,
      `${written.slice(0, 9)}~${written.slice(9)}`,
    ])
      expect(isRefused(Buffer.concat([file.subarray(0, at), Buffer.from(one), file.subarray(at + 86)]))).toBe(
        true,
      );
  });

  it.each(['json', 'pdf'] as const)(
    'refuses a %s with something behind it, before it, or cut off',
    (kind) => {
      const file = kind === 'json' ? json : pdf;
      for (const more of ['\n', ' ', '\0', '{}', '%%EOF\n']) {
        expect(isRefused(Buffer.concat([file, Buffer.from(more)]))).toBe(true);
        expect(isRefused(Buffer.concat([Buffer.from(more), file]))).toBe(true);
      }
      const cuts = kind === 'json' ? file.keys() : [...everyNth(file.length, 997), file.length - 1];
      for (const length of cuts) expect(isRefused(file.subarray(0, length))).toBe(true);
      expect(isRefused(file.subarray(1))).toBe(true);
    },
  );

  it('refuses the certificate of another key, be it of the same name', () => {
    const forger = newSigner();
    expect(forger.name).toBe(signer.name);
    expect(isRefused(json, forger.verifierKey)).toBe(true);
    expect(isRefused(pdf, forger.verifierKey)).toBe(true);
    // Nor does it help to sign what somebody else's log has sealed.
    expect(isRefused(signDraft(exampleDraft(signer), forger))).toBe(true);
    expect(isRefused(signDraft(exampleDraft(forger), signer))).toBe(true);
  });

  it('says of a malformed key that it is the key', () => {
    for (const key of ['', 'a+b+c', `${signer.verifierKey}x`])
      expect(() => verifyCertificate(json, key)).toThrow(SignedNoteRefused);
  });

  it('refuses the same document written in another way', () => {
    const document = JSON.parse(json.toString()) as Record<string, unknown>;
    const text = json.toString();
    for (const other of [
      JSON.stringify(document, null, 2),
      canonicalJson(document),
      JSON.stringify(Object.fromEntries(Object.entries(document).reverse())) + '\n',
      text.replace('"version":2', '"version":2.0'),
      text.replace('"version":2', '"version":2,"version":2'),
      text.replace('KVKK', '\\u004bVKK'),
      `\ufeff${text}`,
    ])
      expect(isRefused(Buffer.from(other))).toBe(true);
  });

  it('refuses what is no certificate at all, however deep or strange', () => {
    for (const other of [
      '',
      'null',
      '[]',
      '{}',
      '"x"',
      '1',
      'NaN',
      '%PDF-',
      '['.repeat(100_000) + ']'.repeat(100_000),
    ])
      expect(isRefused(Buffer.from(other))).toBe(true);
    expect(isRefused(Buffer.from([0xff, 0xfe, 0x7b, 0x7d]))).toBe(true);
  });

  it('refuses an unsigned PDF, and a signed one without a certificate in it', async () => {
    expect(isRefused(await printCertificate(issuedIn(json, signer), 'en'))).toBe(true);
    const empty = Buffer.from('%PDF-1.7\ntrailer\n<< >>\nstartxref\n0\n%%EOF\n');
    expect(() => verifyCertificate(sealPdf(empty, sign), signer.verifierKey)).toThrow('holds no certificate');
  });
});
