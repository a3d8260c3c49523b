import { beforeAll, describe, expect, it } from '@jest/globals';
import { inflateSync } from 'node:zlib';
import jsQRModule from 'jsqr';
import { extractText, getDocumentProxy } from 'unpdf';
import type { NoteSigner } from '../../src/transparency-log/index.js';
import { type Language, verifyCertificate } from '../../src/certificate/index.js';
import { digestOf, type IssuedCertificate } from '../../src/certificate/certificate.document.js';
import { printCertificate } from '../../src/certificate/certificate.pdf.js';
import { sealPdf } from '../../src/certificate/pdf.envelope.js';
import { ACTOR, exampleDraft, issuedIn, newSigner, PATIENT_ID, REQUEST_ID, signDraft } from './example.js';

/** The package is CommonJS whose `module.exports` is the function; its types say `default`. */
const jsQR = jsQRModule as unknown as typeof jsQRModule.default;

/** The document of pdf.js, as far as it is used here: the package gives it no types. */
interface PdfReader {
  getAttachments(): Promise<Record<string, { content: Uint8Array }>>;
}

let signer: NoteSigner;
let json: Buffer;
let certificate: IssuedCertificate;
let digest: string;

beforeAll(() => {
  signer = newSigner();
  json = signDraft(exampleDraft(signer), signer);
  certificate = issuedIn(json, signer);
  digest = digestOf(json);
});

async function issued(language: Language, of = certificate): Promise<Buffer> {
  return sealPdf(await printCertificate(of, language), (bytes) => signer.signBytes(bytes));
}

/** The text of each page as an independent reader sees it. */
async function pagesOf(pdf: Buffer): Promise<string[]> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: false });
  return text.map((page) => page.replace(/\s+/g, ' '));
}

describe('the PDF of a certificate', () => {
  it('says in English all that the certificate says', async () => {
    const text = (await pagesOf(await issued('en'))).join(' ');
    for (const part of [
      'Deletion certificate',
      certificate.deletionId,
      certificate.subject,
      'System administrator (system-admin)',
      'Request of the data subject (DATA_SUBJECT_REQUEST)',
      'KVKK (Law No. 6698), Article 7 (KVKK_ART_7)',
      'Deleted 2026-11-23 14:05:09 UTC',
      'Patient Patient demographics patient.sharded_patient_demographics 1 0',
      'Clinical Test result clinical.sharded_table_3 1,236 0',
      'Total 2,479 0',
      ...certificate.statement.en,
      'leaf 2 of a tree of 5 events',
      certificate.log.leafHash,
      certificate.signedBy,
      `SHA-256 of certificate.json ${digest}`,
      'Page 1 of 2',
    ])
      expect(text).toContain(part);
  });

  it('says it in Turkish, with the letters of that language', async () => {
    const text = (await pagesOf(await issued('tr'))).join(' ');
    for (const part of [
      'Silme belgesi',
      'İlgili kişi (anahtarlı referans)',
      'Sistem yöneticisi (system-admin)',
      'İlgili kişinin talebi (DATA_SUBJECT_REQUEST)',
      'Tetkik sonucu clinical.sharded_table_3 1.236 0',
      ...certificate.statement.tr,
      'Denetim günlüğündeki mühür',
    ])
      expect(text).toContain(part);
    for (const letter of 'çğıöşüÇİ') expect(text).toContain(letter);
  });

  it('never calls a soft delete by the words for destruction', async () => {
    const words = certificate.statement;
    const en = (await pagesOf(await issued('en'))).join(' ').replace('Soft delete is not erasure', '');
    expect(en).not.toMatch(/eras|destroyed|guarantee|certified|bulletproof|compliant/i);
    expect(words.tr.join(' ')).toContain('Silme, yok etme değildir');
    const tr = (await pagesOf(await issued('tr'))).join(' ');
    expect(tr.match(/yok et\w*/g)).toEqual(['yok etme', 'yok etmeyi']);
  });

  it('carries the JSON, which a reader of PDF finds, and its digest in a QR code that a reader of those finds', async () => {
    for (const language of ['en', 'tr'] as const) {
      const pdf = await issued(language);
      const reader = (await getDocumentProxy(new Uint8Array(pdf))) as unknown as PdfReader;
      const files = await reader.getAttachments();
      expect(Object.keys(files)).toEqual(['certificate.json']);
      expect(Buffer.from(files['certificate.json']?.content ?? []).equals(json)).toBe(true);
      expect(qrCodeOf(pdf)).toBe(`sha256:${digest}`);
    }
  });

  it('is the same for the same certificate, byte for byte', async () => {
    expect((await issued('tr')).equals(await issued('tr'))).toBe(true);
    expect((await issued('tr')).equals(await issued('en'))).toBe(false);
  });

  it('goes on to as many pages as it needs, with the heading of the table on each', async () => {
    const file = signDraft(exampleDraft(signer, 120), signer);
    const long = issuedIn(file, signer);
    const pdf = await issued('en', long);
    const pages = await pagesOf(pdf);
    expect(pages.length).toBeGreaterThan(3);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
      // A page that holds nothing but its foot would be shorter.
      expect(page.length).toBeGreaterThan(200);
      if (page.includes('clinical.sharded_table_')) expect(page).toContain('Shard Resource type Table');
    }
    for (let table = 0; table < 120; table++)
      expect(pages.join(' ')).toContain(`clinical.sharded_table_${table} `);
    expect(pages.join(' ')).toContain(`Total ${long.totalRows.toLocaleString('en-GB')} 0`);
    expect(verifyCertificate(pdf, signer.verifierKey).certificate).toEqual(long);
  });

  it('holds nothing personal, in its text and in its bytes', async () => {
    const pdf = await issued('tr');
    const everything = [
      ...(await pagesOf(pdf)),
      ...streamsOf(pdf),
      pdf.toString('latin1'),
      json.toString(),
    ].join('\n');
    for (const secret of [PATIENT_ID, ACTOR, REQUEST_ID]) expect(everything).not.toContain(secret);
  });

  it('shows a code that it has no word for as it is', async () => {
    const draft = exampleDraft(signer);
    const leaf = { ...draft.log.leaf };
    const odd = {
      ...certificate,
      actorRole: null,
      reason: 'toString',
      log: { ...draft.log, leaf },
    } as unknown;
    const text = (await pagesOf(await issued('en', odd as IssuedCertificate))).join(' ');
    expect(text).toContain('toString (toString)');
    expect(text).toContain('Requested by (role) not recorded');
  });
});

/** The contents of the PDF's compressed streams, as latin1. */
function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  const streams: string[] = [];
  for (const match of text.matchAll(/\/Length (\d+)\n\/Filter \/FlateDecode\n>>\nstream\n/g)) {
    const start = match.index + match[0].length;
    streams.push(inflateSync(pdf.subarray(start, start + Number(match[1]))).toString('latin1'));
  }
  return streams;
}

/** Reads the QR code off the black squares that the pages draw. */
function qrCodeOf(pdf: Buffer): string | undefined {
  const squares = streamsOf(pdf)
    .flatMap((stream) => [...stream.matchAll(/^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$/gm)])
    .map((match) => match.slice(1).map(Number))
    .filter(([, , width, height]) => width === height);
  const [side = 0] = squares.map(([, , width]) => width ?? 0);
  const left = Math.min(...squares.map(([x = 0]) => x));
  const top = Math.min(...squares.map(([, y = 0]) => y));
  const [quiet, scale] = [4, 4];
  const modules = squares.map(([x = 0, y = 0]) => [
    Math.round((x - left) / side),
    Math.round((y - top) / side),
  ]);
  const size = (Math.max(...modules.flat()) + 1 + 2 * quiet) * scale;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const [column = 0, row = 0] of modules)
    for (let y = 0; y < scale; y++)
      for (let x = 0; x < scale; x++) {
        const at = (((row + quiet) * scale + y) * size + (column + quiet) * scale + x) * 4;
        pixels.fill(0, at, at + 3);
      }
  return jsQR(pixels, size, size)?.data;
}
