import { fullName } from '../shards/index.js';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { assertVerifierKey, AuditLogKey, SignedNoteRefused } from '../transparency-log/index.js';
import { CertificateInvalid, type VerifiedCertificate, verifyCertificate } from '../certificate/index.js';
import { readEnvironment } from '../config/index.js';
import { CommandFailed } from '../common/index.js';
import { cannotBeRead } from './given.paths.js';

const HELP = `
FILE is a certificate as it was issued, JSON or PDF. The check needs the log's public key and nothing else: no
database, no service, no network. Have the key from the controller by another way than the certificate. Without --key
and --key-file, the key of this installation is taken, where it has one.

Exit code: 0, genuine and unchanged; 1, refused; 2, wrong usage, or the file or the key cannot be read.`;

/** Where the trusted key comes from. */
interface KeyOptions {
  readonly key?: string;
  readonly keyFile?: string;
}

/** `verify-certificate`: checks a deletion certificate offline. */
export function verifyCertificateCommand(): Command {
  return new Command('verify-certificate')
    .argument('<file>', 'the certificate, JSON or PDF')
    .option('--key <verifier key>', 'public key of the log: name+hexid+base64')
    .option('--key-file <path>', 'file with that key on one line')
    .addHelpText('after', HELP)
    .action(async (file: string, options: KeyOptions) => {
      const certificate = await contentsOf(file);
      const { key, source } = await trustedKey(options);
      process.stdout.write(`${summaryOf(verified(certificate, key), key, source)}\n`);
    });
}

function verified(file: Buffer, key: string): VerifiedCertificate {
  try {
    return verifyCertificate(file, key);
  } catch (error) {
    if (!(error instanceof CertificateInvalid)) throw error;
    throw new CommandFailed(
      `REFUSED. ${error.message} Do not rely on this file; ask the controller for a new certificate.`,
    );
  }
}

async function trustedKey({ key, keyFile }: KeyOptions): Promise<{ key: string; source: string }> {
  if (key !== undefined && keyFile !== undefined)
    throw new CommandFailed('Give --key or --key-file, not both.', 2);
  if (key !== undefined) return { key: wellFormed(key), source: '--key' };
  if (keyFile !== undefined) {
    const contents = await contentsOf(keyFile);
    return { key: wellFormed(contents.toString('utf8').trim()), source: keyFile };
  }
  const own = await AuditLogKey.openExisting(readEnvironment().auditLog);
  if (own === undefined)
    throw new CommandFailed(
      'No key to check with: give the public key of the audit log with --key or --key-file.',
      2,
    );
  return { key: own.verifierKey, source: 'this installation' };
}

function wellFormed(key: string): string {
  try {
    assertVerifierKey(key);
    return key;
  } catch (error) {
    if (error instanceof SignedNoteRefused) throw new CommandFailed(error.message, 2);
    throw error;
  }
}

async function contentsOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw cannotBeRead(path, error);
  }
}

const KNOWN_BY = { TOKEN: 'a token', TERMINAL: 'the login at a terminal; no role was checked' } as const;

/** Certificates of version 1 took it from the record, which is not sealed. */
function requestedOf({ version, requestedAt }: VerifiedCertificate['certificate']): string {
  if (requestedAt === null) return 'not sealed, so not attested';
  return version === 1 ? `${requestedAt} (by the record, not sealed)` : requestedAt;
}

function summaryOf(
  { certificate, digest, format }: VerifiedCertificate,
  key: string,
  source: string,
): string {
  const { log, shards, statement } = certificate;
  const { controller = null, requestedVia = null } = certificate.version === 1 ? {} : certificate;
  const resources = shards.flatMap(({ shard, resources: counts }) =>
    counts.map((count) => ({ ...count, name: fullName(shard, count.table) })),
  );
  const width = Math.max(0, ...resources.map(({ name }) => name.length));
  return [
    `GENUINE: ${format === 'PDF' ? 'this PDF is' : 'this is'} a deletion certificate, and no byte of it was changed.`,
    ...(certificate.version === 3
      ? ['UNDONE: this deletion was undone; every row that is counted here came back.']
      : []),
    '',
    `  controller        ${controller?.name ?? 'not named'}`,
    `  deletion          ${certificate.deletionId}`,
    `  subject           ${certificate.subject} (keyed reference)`,
    `  requested by      ${certificate.actorRole ?? 'not recorded'} (role)`,
    `  requester known   ${requestedVia === null ? 'not sealed, so not attested' : `by ${KNOWN_BY[requestedVia]}`}`,
    `  reason            ${certificate.reason}`,
    `  legal basis       ${certificate.legalBasis}`,
    `  requested         ${requestedOf(certificate)}`,
    `  deleted           ${certificate.deletedAt}`,
    `  issued            ${certificate.issuedAt}`,
    `  rows deleted      ${certificate.totalRows}`,
    ...resources.map(({ name, resourceType, rows }) => `    ${name.padEnd(width)}  ${resourceType}: ${rows}`),
    ...restOf(certificate),
    `  sealed            leaf ${log.leafIndex} of ${log.treeSize}, event ${log.leaf.auditEventId}`,
    `  SHA-256           ${digest}${format === 'PDF' ? ' (of the JSON in the PDF)' : ''}`,
    `  key               ${key} (from ${source})`,
    '',
    ...statement.en,
  ].join('\n');
}

/** What is said of the rows since: the rescan of a deletion that stands, or how it was undone. */
function restOf(certificate: VerifiedCertificate['certificate']): string[] {
  if (certificate.version !== 3) {
    const { tables } = certificate.rescan.atIssue;
    return [`  rescan            no live row at the deletion; none in ${tables.length} tables at the issue`];
  }
  const { actorRole, requestedVia, reason, requestedAt, restoredAt, log } = certificate.restoration;
  return [
    `  rescan            no live row at the deletion`,
    `  undone by         ${actorRole ?? 'not recorded'} (role)`,
    `  known             ${requestedVia === null ? 'not sealed, so not attested' : `by ${KNOWN_BY[requestedVia]}`}`,
    `  undone because    ${reason}`,
    `  asked for         ${requestedAt}`,
    `  undone            ${restoredAt}`,
    `  undone, sealed    leaf ${log.leafIndex} of ${log.treeSize}, event ${log.leaf.auditEventId}`,
  ];
}
