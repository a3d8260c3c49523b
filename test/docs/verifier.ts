import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';

/**
 * A verifier written from docs/audit-log.md and docs/certificate.md alone: it uses `node:crypto` and nothing of Silgi,
 * so that what it needs to know stands on those pages. Everything throws where it does not hold.
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Members = Record<string, Json>;

/** RFC 8785: names in the order of their UTF-16 code units, strings and numbers as ECMAScript writes them. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}

const DELETION = 'SYSTEM_DELETE_PATIENT';
/** By action, what an event does not have: of which it is null. Those of requests are as those of holds. */
const NULL_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  [DELETION]: ['failure'],
  SYSTEM_DELETE_PATIENT_FAILED: ['purged'],
  SYSTEM_RESTORE_PATIENT: ['legalBasis', 'failure'],
  SYSTEM_RESTORE_PATIENT_FAILED: ['legalBasis', 'purged'],
  SYSTEM_PLACE_LEGAL_HOLD: ['legalBasis', 'purged', 'failure'],
  SYSTEM_RELEASE_LEGAL_HOLD: ['legalBasis', 'purged', 'failure'],
  DELETED_PATIENT_READ: ['reason', 'legalBasis', 'purged', 'failure'],
};

/** "The leaf of an event", from a line of an export. */
export function leafOf(line: Members): Members {
  const action = textOf(line['action']);
  const known = action.replace(/_(RECORD|EXTEND|REFUSE|WITHDRAW)_ERASURE_REQUEST$/, '_RELEASE_LEGAL_HOLD');
  const absent = NULL_MEMBERS[known] ?? fail(`${action} is no action.`);
  demand(
    absent.every((name) => line[name] === null),
    `It says what no ${action} says.`,
  );
  const key = Buffer.from(textOf(line['salt']).replaceAll('-', ''), 'hex');
  const keyed = (text: string) => createHmac('sha256', key).update(text, 'utf8').digest('base64url');
  const copied = [
    ...['auditEventId', 'action', 'deletionId', 'reason', 'legalBasis', 'purged', 'failure'],
    ...['occurredAt', 'actorRole'],
  ];
  const leaf: Members = {
    v: 1,
    ...Object.fromEntries(copied.map((name) => [name, line[name] ?? null])),
    subject: keyed(`subject:${textOf(line['patientId'])}`),
    actor: keyed(`actor:${textOf(line['actor'])}`),
    request: keyed(`request:${textOf(line['requestId'])}`),
  };
  if (!('requestedAt' in line)) return leaf;
  const source = line['actorSource'] as Members | null;
  return {
    ...leaf,
    v: 2,
    requestedAt: line['requestedAt'] ?? null,
    actorKind: source?.['kind'] ?? null,
    actorSource: keyed(`actor-source:${canonical(source)}`),
  };
}

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left: Uint8Array, right: Uint8Array) => sha256(Buffer.of(1), left, right);
export const hashOf = (leaf: Members) => sha256(Buffer.of(0), Buffer.from(canonical(leaf), 'utf8'));

/** The largest power of two below `n`. */
const split = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** MTH of RFC 6962, section 2.1. */
export function rootOf(hashes: readonly Uint8Array[]): Buffer {
  const [first] = hashes;
  if (first === undefined) return sha256();
  if (hashes.length === 1) return Buffer.from(first);
  const k = split(hashes.length);
  return node(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

/** The root to which an audit path leads (RFC 6962, section 2.1.1, read backwards). */
export function rootByPath(
  hash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Buffer {
  if (size === 1) {
    demand(path.length === 0 && index === 0, 'The path is too long.');
    return Buffer.from(hash);
  }
  const sibling = path.at(-1) ?? fail('The path is too short.');
  const k = split(size);
  const rest = path.slice(0, -1);
  return index < k
    ? node(rootByPath(hash, index, k, rest), sibling)
    : node(sibling, rootByPath(hash, index - k, size - k, rest));
}

/** The old and the new root to which a consistency proof leads (RFC 6962, section 2.1.2, read backwards). */
export function rootsByProof(
  [first, second]: readonly [number, number],
  firstRoot: Uint8Array,
  proof: readonly Uint8Array[],
  isWhole = true,
): [old: Buffer, grown: Buffer] {
  if (first === second) {
    demand(proof.length === (isWhole ? 0 : 1), 'The proof has another length.');
    const hash = Buffer.from(isWhole ? firstRoot : (proof[0] ?? firstRoot));
    return [hash, hash];
  }
  const k = split(second);
  const sibling = proof.at(-1) ?? fail('The proof is too short.');
  const rest = proof.slice(0, -1);
  if (first <= k) {
    const [old, grown] = rootsByProof([first, k], firstRoot, rest, isWhole);
    return [old, node(grown, sibling)];
  }
  const [old, grown] = rootsByProof([first - k, second - k], firstRoot, rest, false);
  return [node(sibling, old), node(sibling, grown)];
}

/** "The key": `name+hexid+base64`. */
function keyOf(verifierKey: string) {
  const [name = '', id = '', ...rest] = verifierKey.split('+');
  const typed = strict(rest.join('+'), 'base64');
  demand(typed.length === 33 && typed[0] === 1, 'It is no Ed25519 key.');
  demand(
    sha256(Buffer.from(`${name}\n`), typed)
      .subarray(0, 4)
      .toString('hex') === id,
    'The id is wrong.',
  );
  const x = typed.subarray(1).toString('base64url');
  return { name, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
}

/** "Checkpoints": size and root, where this key has signed it. */
export function openCheckpoint(note: string, verifierKey: string): { size: number; root: Buffer } {
  const { name, id, key } = keyOf(verifierKey);
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const mark = `— ${name} `;
  const line = note
    .slice(end + 2)
    .split('\n')
    .find((one) => one.startsWith(mark));
  const bytes = strict(line?.slice(mark.length) ?? fail('It has no signature of this key.'), 'base64');
  demand(bytes.length === 68 && bytes.subarray(0, 4).toString('hex') === id, 'It is of another key.');
  demand(verify(null, Buffer.from(text), key, bytes.subarray(4)), 'The signature does not fit.');
  const [origin, size, root = ''] = text.split('\n');
  demand(origin === name, 'It is of another log.');
  return { size: Number(size), root: strict(root, 'base64') };
}

/** "Check an export". @returns how many events are proven to be as they were sealed */
export function checkExport(lines: readonly string[], notes: readonly string[], verifierKey: string): number {
  const hashes = lines.map((text, index) => {
    const line = JSON.parse(text) as Members;
    const hash = hashOf(leafOf(line));
    demand(line['leafIndex'] === index, `Line ${index + 1} is not in its place.`);
    demand(line['leafHash'] === hash.toString('base64'), `The event of line ${index + 1} was changed.`);
    return hash;
  });
  const checkpoints = notes.map((note) => openCheckpoint(note, verifierKey));
  for (const { size, root } of checkpoints) {
    demand(size <= hashes.length, `A checkpoint covers ${size} events; there are fewer.`);
    demand(rootOf(hashes.slice(0, size)).equals(root), `The first ${size} events are not those signed.`);
  }
  return Math.max(0, ...checkpoints.map(({ size }) => size));
}

/** The members of a certificate; those behind them are of version 2 and later ones, and of 3 alone. */
const MEMBERS = [
  ...['schema', 'version', 'deletionId', 'subject', 'actorRole', 'reason', 'legalBasis', 'requestedAt'],
  ...['deletedAt', 'issuedAt', 'shards', 'totalRows', 'rescan', 'statement', 'log', 'signedBy', 'signature'],
];
const MEMBERS_2 = ['controller', 'requestedVia'];
const MEMBERS_3 = ['restoration'];

/** "Check a certificate without Silgi", steps 1 to 5. @returns the certificate */
export function checkCertificate(file: Uint8Array, verifierKey: string): Members {
  const certificate = JSON.parse(Buffer.from(file).toString('utf8')) as Members;
  demand(Buffer.from(`${canonical(certificate)}\n`).equals(file), 'It is not in canonical form.');
  const version = Number(certificate['version']);
  const members = [...MEMBERS, ...(version > 1 ? MEMBERS_2 : []), ...(version > 2 ? MEMBERS_3 : [])];
  demand(
    canonical(Object.keys(certificate).sort()) === canonical(members.toSorted()),
    'It has other members.',
  );
  const { signature, ...rest } = certificate;
  const { name, id, key } = keyOf(verifierKey);
  const prefix = `silgi-deletion-certificate/v${textOf(certificate['version'])}\n`;
  const signed = Buffer.from(prefix + canonical(rest));
  demand(verify(null, signed, key, strict(textOf(signature), 'base64url')), 'The signature does not fit.');
  demand(certificate['signedBy'] === `${name}+${id}`, 'It names another key.');

  const leaf = sealedIn(certificate['log'] as Members, verifierKey);
  demand(leaf['action'] === DELETION, 'The event is no deletion.');
  for (const word of ['deletionId', 'subject', 'actorRole', 'reason', 'legalBasis'])
    demand(certificate[word] === leaf[word], `${word} differs.`);
  demand(certificate['deletedAt'] === leaf['occurredAt'], 'deletedAt differs.');
  demand(canonical(certificate['shards'] ?? null) === canonical(leaf['purged'] ?? null), 'shards differ.');
  if (certificate['version'] !== 1) {
    demand(certificate['requestedAt'] === (leaf['requestedAt'] ?? null), 'requestedAt differs.');
    demand(certificate['requestedVia'] === (leaf['actorKind'] ?? null), 'requestedVia differs.');
  }
  checkFigures(certificate);
  if (certificate['version'] === 3) checkRestoration(certificate, verifierKey);
  return certificate;
}

/** Step 3. @returns the leaf */
function sealedIn(log: Members, verifierKey: string): Members {
  const leaf = log['leaf'] as Members;
  const hash = hashOf(leaf);
  demand(log['leafHash'] === hash.toString('base64'), 'The leaf has another hash.');
  const { size, root } = openCheckpoint(textOf(log['checkpoint']), verifierKey);
  const path = (log['inclusionProof'] as string[]).map((one) => strict(one, 'base64'));
  demand(size === log['treeSize'], 'The checkpoint is of another size.');
  demand(rootByPath(hash, Number(log['leafIndex']), size, path).equals(root), 'The path leads elsewhere.');
  return leaf;
}

/** Step 5. */
function checkFigures(certificate: Members): void {
  const shards = certificate['shards'] as unknown as { resources: { rows: number }[] }[];
  const rows = shards.flatMap(({ resources }) => resources).reduce((sum, one) => sum + one.rows, 0);
  demand(rows === certificate['totalRows'], 'totalRows is not the sum.');
  const { atDeletion, atIssue } = certificate['rescan'] as unknown as Rescan;
  const { requestedAt, deletedAt, issuedAt } = certificate;
  const looked = atIssue === undefined ? [] : [atIssue.checkedAt];
  inOrder([requestedAt ?? deletedAt, deletedAt, ...looked, issuedAt]);
  for (const { liveRows } of [atDeletion, ...(atIssue === undefined ? [] : [atIssue, ...atIssue.tables])])
    demand(liveRows === 0, 'A row is live.');
  demand(
    (atIssue === undefined) === (certificate['version'] === 3),
    'It says otherwise whether it was restored.',
  );
}

/** Step 6. */
function checkRestoration(certificate: Members, verifierKey: string): void {
  const restoration = certificate['restoration'] as Members;
  const leaf = sealedIn(restoration['log'] as Members, verifierKey);
  demand(leaf['action'] === 'SYSTEM_RESTORE_PATIENT', 'It is no restoration.');
  demand(leaf['deletionId'] === certificate['deletionId'], 'It is that of another deletion.');
  demand(
    canonical(leaf['purged'] ?? null) === canonical(certificate['shards'] ?? null),
    'Other rows came back.',
  );
  for (const word of ['actorRole', 'reason', 'requestedAt'])
    demand(restoration[word] === leaf[word], `${word} of the restoration differs.`);
  demand(restoration['requestedVia'] === leaf['actorKind'], 'requestedVia of the restoration differs.');
  demand(restoration['restoredAt'] === leaf['occurredAt'], 'restoredAt differs.');
  inOrder([certificate['deletedAt'], restoration['restoredAt'], certificate['issuedAt']]);
}

interface Rescan {
  atDeletion: { liveRows: number };
  /** Of what was restored there is none. */
  atIssue?: { liveRows: number; checkedAt: string; tables: { liveRows: number }[] };
}

/** Without its Z, which three digits and six may stand before, the earlier time is the smaller text. */
function inOrder(moments: readonly (Json | undefined)[]): void {
  const times = moments.map((time) => textOf(time).slice(0, -1));
  demand(canonical(times) === canonical(times.toSorted()), 'The times are out of order.');
}

/** "Check a PDF": the signature over every other byte. */
export function checkPdf(pdf: Uint8Array, verifierKey: string): void {
  const text = Buffer.from(pdf).toString('latin1');
  const at = text.lastIndexOf('\n%silgi-signature-ed25519 ') + '\n%silgi-signature-ed25519 '.length;
  const signed = Buffer.concat([
    Buffer.from('silgi-deletion-certificate-pdf/v1\n'),
    pdf.subarray(0, at),
    pdf.subarray(at + 86),
  ]);
  demand(/^\nstartxref\n\d+\n%%EOF\n$/.test(text.slice(at + 86)), 'Something else stands behind it.');
  const signature = strict(text.slice(at, at + 86), 'base64url');
  demand(verify(null, signed, keyOf(verifierKey).key, signature), 'The signature does not fit.');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : fail('It is no text.');
}

function strict(text: string, alphabet: 'base64' | 'base64url'): Buffer {
  const bytes = Buffer.from(text, alphabet);
  demand(bytes.toString(alphabet) === text, 'It is no base64.');
  return bytes;
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) fail(otherwise);
}

function fail(why: string): never {
  throw new Error(why);
}
