import QRCode from 'qrcode';
import { type Certificate, certificateBytes, digestOf } from './certificate.document.js';
import { type Language, type Words, WORDS } from './certificate.words.js';
import { ATTACHMENT } from './pdf.envelope.js';
import { type Column, Sheet } from './pdf.sheet.js';

/**
 * Prints a certificate on A4, with its JSON attached and the digest of that in a QR code. The same certificate gives
 * the same pages; nothing is on them that is not in the certificate.
 */
export async function printCertificate(certificate: Certificate, language: Language): Promise<Buffer> {
  const words = WORDS[language];
  const { deletionId, issuedAt } = certificate;
  const json = certificateBytes(certificate);
  const digest = digestOf(json);
  const date = new Date(issuedAt);
  const about = { title: words.title, subject: `${words.deletion} ${deletionId}` };
  const sheet = new Sheet({ ...about, lang: language, date });

  sheet.title(words.title, words.subtitle);
  sheet.paragraph(words.claim(number(certificate.totalRows, language), time(certificate.deletedAt)), {
    size: 10,
  });
  sheet.heading(words.facts);
  sheet.facts(factsOf(certificate, words));
  sheet.heading(words.counts);
  sheet.table(columnsOf(words), rowsOf(certificate, words, language));
  printRescan(sheet, certificate, words, language);
  sheet.heading(words.statement);
  sheet.list(certificate.statement[language], false);
  sheet.heading(words.log);
  sheet.facts(sealOf(certificate, words, language));
  sheet.heading(words.check, 150);
  sheet.list(words.steps, true);
  const { modules } = QRCode.create(qrText(digest), { errorCorrectionLevel: 'M' });
  sheet.square({ size: modules.size, dark: (row, column) => modules.get(row, column) === 1 });
  sheet.paragraph(words.digest, { font: 'bold' });
  sheet.paragraph(digest, { font: 'mono', size: 8.5 });
  sheet.attach(ATTACHMENT, json, words.title, date);
  return sheet.end((page, of) => `${words.title} · ${deletionId} · ${words.page(page, of)}`);
}

/** What the QR code says. */
export function qrText(digest: string): string {
  return `sha256:${digest}`;
}

function factsOf(certificate: Certificate, words: Words) {
  const { actorRole, reason, legalBasis } = certificate;
  const coded = (code: string) => `${nameOf(code, words)} (${code})`;
  return [
    [words.deletion, certificate.deletionId, 'mono'],
    [words.subject, certificate.subject, 'mono'],
    [words.actorRole, actorRole === null ? words.notRecorded : coded(actorRole)],
    [words.reason, coded(reason)],
    [words.legalBasis, coded(legalBasis)],
    [words.requestedAt, time(certificate.requestedAt)],
    [words.deletedAt, time(certificate.deletedAt)],
    [words.issuedAt, time(certificate.issuedAt)],
  ] as const;
}

function columnsOf({ columns: [shard, resource, table, rows, live] }: Words): Column[] {
  return [
    { heading: shard, share: 0.11 },
    { heading: resource, share: 0.25 },
    { heading: table, share: 0.36, font: 'mono' },
    { heading: rows, share: 0.14, align: 'right' },
    { heading: live, share: 0.14, align: 'right' },
  ];
}

/** A table that was rescanned but is not among the counts was added since; it is shown with no deleted rows. */
function rowsOf({ shards, totalRows, rescan }: Certificate, words: Words, language: Language): string[][] {
  const key = (shard: string, table: string) => `${shard}.${table}`;
  const { tables } = rescan.atIssue;
  const live = new Map(tables.map(({ shard, table, liveRows }) => [key(shard, table), liveRows]));
  const counted = shards.flatMap(({ shard, resources }) =>
    resources.map((resource) => ({ shard, ...resource })),
  );
  const rows = counted.map(({ shard, resourceType, table, rows }) => [
    nameOf(shard, words),
    nameOf(resourceType, words),
    key(shard, table),
    number(rows, language),
    shown(live.get(key(shard, table)), language),
  ]);
  const total = [words.total, '', '', number(totalRows, language), number(rescan.atIssue.liveRows, language)];
  return [...rows, total];
}

function shown(liveRows: number | undefined, language: Language): string {
  return liveRows === undefined ? '–' : number(liveRows, language);
}

function printRescan(sheet: Sheet, { rescan }: Certificate, words: Words, language: Language): void {
  const { checkedAt, tables } = rescan.atIssue;
  sheet.heading(words.rescan);
  sheet.paragraph(words.atDeletion);
  sheet.paragraph(words.atIssue(time(checkedAt), number(tables.length, language)));
}

function sealOf({ log, signedBy }: Certificate, words: Words, language: Language) {
  const position = words.positionOf(number(log.leafIndex, language), number(log.treeSize, language));
  return [
    [words.auditEvent, log.leaf.auditEventId, 'mono'],
    [words.position, position],
    [words.leafHash, log.leafHash, 'mono'],
    [words.checkpoint, log.checkpoint.trimEnd(), 'mono'],
    [words.signedBy, signedBy, 'mono'],
  ] as const;
}

function nameOf(code: string, { names }: Words): string {
  return Object.hasOwn(names, code) ? (names[code] ?? code) : code;
}

function number(value: number, language: Language): string {
  return value.toLocaleString(language === 'tr' ? 'tr-TR' : 'en-GB');
}

/** The same in both languages: no doubt about day and month, and always in UTC. */
function time(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
