import QRCode from 'qrcode';
import {
  certificateBytes,
  digestOf,
  type IssuedCertificate,
  type UndoneCertificate,
} from './certificate.document.js';
import { type Language, type Words, WORDS } from './certificate.words.js';
import { ATTACHMENT } from './pdf.envelope.js';
import { type Column, Sheet } from './pdf.sheet.js';
import { fullName } from '../shards/index.js';

/**
 * Prints a certificate on A4, with its JSON attached and the digest of that in a QR code. The same certificate gives
 * the same pages; nothing is on them that is not in the certificate.
 */
export async function printCertificate(certificate: IssuedCertificate, language: Language): Promise<Buffer> {
  const words = WORDS[language];
  const { deletionId, issuedAt } = certificate;
  const json = certificateBytes(certificate);
  const digest = digestOf(json);
  const date = new Date(issuedAt);
  const undone = certificate.version === 3 ? certificate.restoration : undefined;
  const { title, subtitle, statement } = undone === undefined ? words : words.undone;
  const about = { title, subject: `${words.deletion} ${deletionId}` };
  const sheet = new Sheet({ ...about, lang: language, date });

  sheet.title(title, subtitle);
  const rows = number(certificate.totalRows, language);
  const claim =
    undone === undefined
      ? words.claim(rows, time(certificate.deletedAt))
      : words.undone.claim(rows, time(certificate.deletedAt), time(undone.restoredAt));
  sheet.paragraph(claim, { size: 10 });
  sheet.heading(words.facts);
  sheet.facts(factsOf(certificate, words));
  if (undone !== undefined) {
    sheet.heading(words.undone.facts);
    sheet.facts(restorationOf(undone, words));
  }
  sheet.heading(words.counts);
  sheet.table(columnsOf(words, undone !== undefined), rowsOf(certificate, words, language));
  printRescan(sheet, certificate, words, language);
  sheet.heading(statement);
  sheet.list(certificate.statement[language], false);
  sheet.heading(words.log);
  sheet.facts(sealOf(certificate.log, certificate.signedBy, words, language));
  if (undone !== undefined) {
    sheet.heading(words.undone.log);
    sheet.facts(sealOf(undone.log, certificate.signedBy, words, language));
  }
  sheet.heading(words.check, 150);
  sheet.list(words.steps, true);
  const { modules } = QRCode.create(qrText(digest), { errorCorrectionLevel: 'M' });
  sheet.square(
    { size: modules.size, dark: (row, column) => modules.get(row, column) === 1 },
    `${words.qrCode}: ${digest}`,
  );
  sheet.paragraph(words.digest, { font: 'bold' });
  sheet.paragraph(digest, { font: 'mono', size: 8.5 });
  sheet.attach(ATTACHMENT, json, title, date);
  return sheet.end((page, of) => `${title} · ${deletionId} · ${words.page(page, of)}`);
}

/** What the QR code says. */
export function qrText(digest: string): string {
  return `sha256:${digest}`;
}

function factsOf(certificate: IssuedCertificate, words: Words) {
  const { actorRole, reason, legalBasis, controller, requestedVia, requestedAt } = certificate;
  const coded = (code: string) => `${nameOf(code, words)} (${code})`;
  const named = [controller?.name, controller?.registration, controller?.contact].filter(
    (one) => one != null,
  );
  return [
    [words.controller, named.length === 0 ? words.notNamed : named.join(', ')],
    [words.deletion, certificate.deletionId, 'mono'],
    [words.subject, certificate.subject, 'mono'],
    [words.actorRole, actorRole === null ? words.notRecorded : coded(actorRole)],
    [words.requestedVia, requestedVia === null ? words.notSealed : coded(requestedVia)],
    [words.reason, coded(reason)],
    [words.legalBasis, coded(legalBasis)],
    [words.requestedAt, requestedAt === null ? words.notSealed : time(requestedAt)],
    [words.deletedAt, time(certificate.deletedAt)],
    [words.issuedAt, time(certificate.issuedAt)],
  ] as const;
}

function restorationOf(restoration: UndoneCertificate['restoration'], words: Words) {
  const { actorRole, requestedVia, reason } = restoration;
  const coded = (code: string) => `${nameOf(code, words)} (${code})`;
  return [
    [words.actorRole, actorRole === null ? words.notRecorded : coded(actorRole)],
    [words.requestedVia, requestedVia === null ? words.notSealed : coded(requestedVia)],
    [words.reason, coded(reason)],
    [words.requestedAt, time(restoration.requestedAt)],
    [words.undone.restoredAt, time(restoration.restoredAt)],
  ] as const;
}

/** Of a deletion that was undone nothing is said of what is live now. */
function columnsOf({ columns: [shard, resource, table, rows, live] }: Words, isUndone: boolean): Column[] {
  const columns: Column[] = [
    { heading: shard, share: 0.11 },
    { heading: resource, share: 0.25 },
    { heading: table, share: isUndone ? 0.5 : 0.36, font: 'mono' },
    { heading: rows, share: 0.14, align: 'right' },
    { heading: live, share: 0.14, align: 'right' },
  ];
  return isUndone ? columns.slice(0, -1) : columns;
}

/** A table that was rescanned but is not among the counts was added since; it is shown with no deleted rows. */
function rowsOf(certificate: IssuedCertificate, words: Words, language: Language): string[][] {
  const { shards, totalRows } = certificate;
  const { tables, liveRows } =
    certificate.version === 3 ? { tables: [], liveRows: 0 } : certificate.rescan.atIssue;
  const live = new Map(tables.map(({ shard, table, liveRows }) => [fullName(shard, table), liveRows]));
  const counted = shards.flatMap(({ shard, resources }) =>
    resources.map((resource) => ({ shard, ...resource })),
  );
  const rows = counted.map(({ shard, resourceType, table, rows }) => [
    nameOf(shard, words),
    nameOf(resourceType, words),
    fullName(shard, table),
    number(rows, language),
    shown(live.get(fullName(shard, table)), language),
  ]);
  const total = [words.total, '', '', number(totalRows, language), number(liveRows, language)];
  // The last column is that of the live rows.
  return [...rows, total].map((row) => (certificate.version === 3 ? row.slice(0, -1) : row));
}

function shown(liveRows: number | undefined, language: Language): string {
  return liveRows === undefined ? '–' : number(liveRows, language);
}

function printRescan(sheet: Sheet, certificate: IssuedCertificate, words: Words, language: Language): void {
  sheet.heading(words.rescan);
  sheet.paragraph(words.atDeletion);
  if (certificate.version === 3) return;
  const { checkedAt, tables } = certificate.rescan.atIssue;
  sheet.paragraph(words.atIssue(time(checkedAt), number(tables.length, language)));
}

function sealOf(
  log: IssuedCertificate['log'] | UndoneCertificate['restoration']['log'],
  signedBy: string,
  words: Words,
  language: Language,
) {
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
