import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDocumentProxy } from 'unpdf';
import { digestOf, type IssuedCertificate } from '../../src/certificate/certificate.document.js';
import { printCertificate } from '../../src/certificate/certificate.pdf.js';
import { type Language, LANGUAGES, WORDS } from '../../src/certificate/certificate.words.js';
import { temporaryFolder } from '../support/run.folder.js';
import { exampleDraft, issuedIn, newSigner, signDraft } from './example.js';

/** What pdf.js reads of the structure; the package gives it no types. */
interface Node {
  readonly role?: string;
  readonly type?: string;
  readonly id?: string;
  readonly alt?: string;
  readonly children?: readonly Node[];
}
interface Item {
  readonly type?: string;
  readonly tag?: string;
  readonly id?: string | null;
  readonly str?: string;
}
interface Page {
  getStructTree(): Promise<Node | null>;
  getTextContent(options: { includeMarkedContent: true }): Promise<{ items: Item[] }>;
}
interface Reader {
  readonly numPages: number;
  getPage(number: number): Promise<Page>;
  getMarkInfo(): Promise<{ Marked: boolean } | null>;
  getMetadata(): Promise<{ info: { Title?: string; Language?: string } }>;
  getViewerPreferences(): Promise<{ DisplayDocTitle?: boolean } | null>;
}

const signer = newSigner();
let certificate: IssuedCertificate;
let digest: string;

beforeAll(() => {
  // As many tables as make the list go on to a second page.
  const json = signDraft(exampleDraft(signer, 60), signer);
  certificate = issuedIn(json, signer);
  digest = digestOf(json);
});

const pdfIn = (language: Language) => printCertificate(certificate, language);

/** Roles and texts in the order in which the document is read, and the text that stands outside of all tags. */
async function readingOf(pdf: Buffer): Promise<{ read: [role: string, text: string][]; untagged: string[] }> {
  const reader = (await getDocumentProxy(new Uint8Array(pdf))) as unknown as Reader;
  const read: [string, string][] = [];
  const untagged: string[] = [];
  for (let number = 1; number <= reader.numPages; number++) {
    const page = await reader.getPage(number);
    const texts = new Map<string, string>();
    const open: (string | undefined)[] = [];
    for (const { type, tag, id, str = '' } of (await page.getTextContent({ includeMarkedContent: true }))
      .items) {
      if (type === 'beginMarkedContentProps' || type === 'beginMarkedContent')
        open.push(tag === 'Artifact' ? 'artifact' : (id ?? undefined));
      else if (type === 'endMarkedContent') open.pop();
      else if (str.trim() !== '') {
        const at = open.at(-1);
        if (at === undefined) untagged.push(str);
        else texts.set(at, `${texts.get(at) ?? ''}${str}`);
      }
    }
    const walk = (node: Node, role: string): void => {
      if (node.type === 'content') read.push([role, texts.get(node.id ?? '') ?? '']);
      if (node.role === 'Figure') read.push(['Figure', node.alt ?? '']);
      else for (const child of node.children ?? []) walk(child, node.role ?? role);
    };
    walk((await page.getStructTree()) ?? {}, '');
  }
  return { read, untagged };
}

describe.each(LANGUAGES)('the PDF in %s', (language) => {
  const words = WORDS[language];

  it('says that it is tagged, its language and its title, and has the title shown', async () => {
    const reader = (await getDocumentProxy(new Uint8Array(await pdfIn(language)))) as unknown as Reader;
    expect(await reader.getMarkInfo()).toMatchObject({ Marked: true });
    expect((await reader.getMetadata()).info).toMatchObject({ Title: words.title, Language: language });
    expect(await reader.getViewerPreferences()).toMatchObject({ DisplayDocTitle: true });
  });

  it('is read in order: titles, facts, every row of the table with one heading, statement, seal, steps, code', async () => {
    const { read, untagged } = await readingOf(await pdfIn(language));
    expect(untagged).toEqual([]);
    const texts = (role: string) => read.filter(([one]) => one === role).map(([, text]) => text);
    expect(read[0]).toEqual(['H1', words.title]);
    const headings = [words.facts, words.counts, words.rescan, words.statement, words.log, words.check];
    expect(texts('H2')).toEqual(headings);
    // The headings of the list once, though it stands on two pages.
    expect(texts('TH')).toEqual([
      ...[words.controller, words.deletion, words.subject, words.actorRole, words.requestedVia],
      ...[words.reason, words.legalBasis, words.requestedAt, words.deletedAt, words.issuedAt],
      ...words.columns,
      ...[words.auditEvent, words.position, words.leafHash, words.checkpoint, words.signedBy],
    ]);
    const cells = texts('TD');
    for (let table = 0; table < 60; table++) expect(cells).toContain(`clinical.sharded_table_${table}`);
    const [name = ''] = cells;
    expect(name).toContain('Örnek Şifa Hastanesi');
    expect(texts('Figure')).toEqual([`${words.qrCode}: ${digest}`]);
    expect(texts('Lbl')).toEqual(['–', '–', '–', '–', '–', '1.', '2.', '3.', '4.']);
    const [, lastTag] = [read.at(-2), read.at(-1)];
    expect(lastTag).toEqual(['P', digest]);
    // The foot of a page is no part of what is read.
    expect(read.map(([, text]) => text).join(' ')).not.toContain(words.page(1, 3));
  });
});

const poppler = spawnSync('pdfinfo', ['-v']).error === undefined;

describe('pdfinfo of poppler', () => {
  (poppler ? it : it.skip)('finds the PDF tagged, and reads its structure', async () => {
    const file = join(await temporaryFolder(), 'certificate.pdf');
    writeFileSync(file, await pdfIn('tr'));
    expect(execFileSync('pdfinfo', [file]).toString()).toMatch(/^Tagged: +yes$/m);
    const said = spawnSync('pdfinfo', ['-struct-text', file]);
    expect(said.stderr.toString()).toBe('');
    const lines = said.stdout
      .toString()
      .split('\n')
      .map((line) => line.trim());
    expect(lines.slice(0, 3)).toEqual(['Document', 'H1 (block)', '"Silme belgesi"']);
    expect(lines.filter((line) => line === 'Table (block)')).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith('/Scope /Column'))).toHaveLength(5);
    expect(lines.filter((line) => line === 'TR')).toHaveLength(10 + (1 + 61 + 1) + 5);
  });
});
