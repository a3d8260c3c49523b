import { describe, expect, it } from '@jest/globals';
import { checkpointText, rootOf } from '../../src/transparency-log/index.js';
import { CertificateInvalid, verifyCertificate } from '../../src/certificate/index.js';
import { checkCertificate } from '../docs/verifier.js';
import { type Draft, exampleDraft, newSigner, signDraft } from './example.js';

const signer = newSigner();

/** What even the right key must not have signed: each contradicts the sealed event, or itself. */
const CONTRADICTIONS: [string, RegExp, (draft: Draft) => object][] = [
  ['another deletion', /deletionId/, (d) => ({ ...d, deletionId: d.log.leaf.auditEventId })],
  ['another subject', /subject/, (d) => ({ ...d, subject: d.log.leaf.actor })],
  ['another role', /actorRole/, (d) => ({ ...d, actorRole: 'auditor' })],
  ['no role', /actorRole/, (d) => ({ ...d, actorRole: null })],
  ['another reason', /reason/, (d) => ({ ...d, reason: 'COURT_ORDER' })],
  ['another legal basis', /legalBasis/, (d) => ({ ...d, legalBasis: 'OTHER_LAW' })],
  ['another time', /deletedAt/, (d) => ({ ...d, deletedAt: '2026-11-23T14:05:09.183Z' })],
  ['one row more', /counts/, (d) => ({ ...withRows(d, 1), totalRows: d.totalRows + 1 })],
  ['one row less in one table, one more in another', /counts/, (d) => withRows(d, 0, true)],
  ['a shard less', /counts/, (d) => ({ ...d, shards: d.shards.slice(1) })],
  ['another total', /totalRows/, (d) => ({ ...d, totalRows: d.totalRows + 1 })],
  ['an issue before the deletion', /times/, (d) => ({ ...d, issuedAt: '2026-11-22T00:00:00.000Z' })],
  ['an issue before its own rescan', /times/, (d) => ({ ...d, issuedAt: d.deletedAt })],
  ['a rescan before the deletion', /times/, (d) => withRescanAt(d, '2026-11-22T00:00:00.000Z')],
  ['another request time', /requestedAt/, (d) => ({ ...d, requestedAt: '2026-11-23T14:05:09.181Z' })],
  ['no request time', /requestedAt/, (d) => ({ ...d, requestedAt: null })],
  ['another way to know the requester', /requestedVia/, (d) => ({ ...d, requestedVia: 'TERMINAL' })],
  ['no way to know the requester', /requestedVia/, (d) => ({ ...d, requestedVia: null })],
  ['another statement', /statement/, (d) => ({ ...d, statement: { ...d.statement, en: ['It is erased.'] } })],
  ['an unknown statement', /statement/, (d) => ({ ...d, statement: { ...d.statement, code: 'NONE' } })],
  ['another key', /another key/, (d) => ({ ...d, signedBy: 'somebody+00000000' })],
  ['another leaf hash', /hash/, (d) => withLog(d, { leafHash: d.log.inclusionProof[0] })],
  ['another leaf', /hash/, (d) => withLog(d, { leaf: { ...d.log.leaf, actorRole: 'auditor' } })],
  ['another index', /inclusion/, (d) => withLog(d, { leafIndex: 3 })],
  ['another tree size', /size/, (d) => withLog(d, { treeSize: 6 })],
  ['no proof', /inclusion/, (d) => withLog(d, { inclusionProof: [] })],
  [
    'a proof too long',
    /inclusion/,
    (d) => withLog(d, { inclusionProof: [...d.log.inclusionProof, d.log.leafHash] }),
  ],
  ['no checkpoint', /checkpoint/, (d) => withLog(d, { checkpoint: '' })],
  ['a live row', /format/, (d) => withLive(d)],
  [
    'a failed attempt',
    /format/,
    (d) => withLog(d, { leaf: { ...d.log.leaf, action: 'SYSTEM_DELETE_PATIENT_FAILED' } }),
  ],
  ['a member of its own', /format/, (d) => ({ ...d, patientName: 'Işıl' })],
  ['no rescan', /format/, ({ rescan: _rescan, ...d }) => d],
];

describe('a certificate that the right key has signed', () => {
  it('is refused where its sealed event was asked for after it was carried out', () => {
    const late = exampleDraft(signer, 4, { requestedAt: '2026-11-23T14:05:09.183Z' });
    expect(() => verifyCertificate(signDraft(late, signer), signer.verifierKey)).toThrow('out of order');
    expect(() => checkCertificate(signDraft(late, signer), signer.verifierKey)).toThrow('out of order');
  });

  it('says nothing of the request where its event is too old to say it, and is refused where it does', () => {
    const old = exampleDraft(signer, 4, { requestedAt: null, actorSource: null });
    expect(old).toMatchObject({ requestedAt: null, requestedVia: null, log: { leaf: { v: 1 } } });
    const verify = (draft: object) => () => verifyCertificate(signDraft(draft, signer), signer.verifierKey);
    expect(verify(old)).not.toThrow();
    expect(verify({ ...old, requestedAt: old.deletedAt })).toThrow('requestedAt differs');
    expect(verify({ ...old, requestedVia: 'TOKEN' })).toThrow('requestedVia differs');
  });

  it.each(['SYSTEM_DELETE_PATIENT_FAILED', 'DELETED_PATIENT_READ'] as const)(
    'is refused where its sealed event is a %s',
    (action) => {
      const file = signDraft(exampleDraft(signer, 4, { action }), signer);
      expect(() => verifyCertificate(file, signer.verifierKey)).toThrow('action is not as the format has it');
      expect(() => checkCertificate(file, signer.verifierKey)).toThrow('no deletion');
    },
  );

  it('is taken where it contradicts nothing', () => {
    const file = signDraft(exampleDraft(signer), signer);
    const { format, certificate } = verifyCertificate(file, signer.verifierKey);
    expect(format).toBe('JSON');
    expect(checkCertificate(file, signer.verifierKey)).toEqual(certificate);
  });

  it.each(CONTRADICTIONS)('is refused with %s', (_, message, change) => {
    const file = signDraft(change(exampleDraft(signer)), signer);
    expect(() => verifyCertificate(file, signer.verifierKey)).toThrow(CertificateInvalid);
    expect(() => verifyCertificate(file, signer.verifierKey)).toThrow(message);
  });

  // The words of a statement are Silgi's own; that they were signed is all that the page promises.
  it.each(CONTRADICTIONS.filter(([, message]) => message.source !== 'statement'))(
    'is refused with %s also by a verifier written from the pages alone',
    (_, __, change) => {
      const file = signDraft(change(exampleDraft(signer)), signer);
      expect(() => checkCertificate(file, signer.verifierKey)).toThrow();
    },
  );

  it.each([
    [
      'that another key has signed',
      exampleDraft(newSigner()).log.checkpoint,
      'checkpoint is refused: The note carries no signature',
    ],
    [
      'of another log',
      checkpointOf('another/log', 5),
      'checkpoint is refused: It belongs to the log another/log',
    ],
    ['of a smaller log', checkpointOf(signer.name, 4), 'of another size than the inclusion proof'],
    [
      'of another log of the same name and size',
      checkpointOf(signer.name, 5),
      'does not lead from the leaf to the root',
    ],
    [
      'that is signed and is none',
      signer.sign(`${signer.name}\n`),
      'checkpoint is refused: The note is signed, but',
    ],
  ])('is refused with a checkpoint %s', (_, checkpoint, message) => {
    const file = signDraft(withLog(exampleDraft(signer), { checkpoint }), signer);
    expect(() => verifyCertificate(file, signer.verifierKey)).toThrow(CertificateInvalid);
    expect(() => verifyCertificate(file, signer.verifierKey)).toThrow(message);
  });
});

function withLog(draft: Draft, changes: object): object {
  return { ...draft, log: { ...draft.log, ...changes } };
}

/** Adds rows to the first table; takes one of them from the first table of the next shard where told to. */
function withRows(draft: Draft, more: number, swapped = false): Draft {
  const shards = structuredClone(draft.shards) as unknown as { resources: { rows: number }[] }[];
  const [one, other] = [shards[0]?.resources[0], shards[1]?.resources[0]];
  if (one === undefined || other === undefined)
    throw new Error('The example has two shards with a table each.');
  one.rows += swapped ? 1 : more;
  if (swapped) other.rows -= 1;
  return { ...draft, shards: shards as unknown as Draft['shards'] };
}

function withLive(draft: Draft): object {
  const { atIssue } = draft.rescan;
  const tables = atIssue.tables.map((table, index) => ({ ...table, liveRows: index === 0 ? 1 : 0 }));
  return { ...draft, rescan: { ...draft.rescan, atIssue: { ...atIssue, liveRows: 1, tables } } };
}

function withRescanAt(draft: Draft, checkedAt: string): object {
  const { atIssue } = draft.rescan;
  return { ...draft, rescan: { ...draft.rescan, atIssue: { ...atIssue, checkedAt } } };
}

/** A checkpoint with a root that no event leads to. */
function checkpointOf(origin: string, size: number): string {
  return signer.sign(checkpointText({ origin, size, root: rootOf([]) }));
}
