import { describe, expect, it } from '@jest/globals';
import { extractText, getDocumentProxy } from 'unpdf';
import { CertificateInvalid, verifyCertificate } from '../../src/certificate/index.js';
import { printCertificate } from '../../src/certificate/certificate.pdf.js';
import { sealPdf } from '../../src/certificate/pdf.envelope.js';
import { UNDONE_STATEMENT } from '../../src/certificate/statement.js';
import {
  ACTOR,
  exampleDraft,
  issuedIn,
  newSigner,
  PATIENT_ID,
  RESTORED_AT,
  signDraft,
  undoneDraft,
  type UndoneDraft,
} from './example.js';

const signer = newSigner();
const check = (draft: object) => verifyCertificate(signDraft(draft, signer), signer.verifierKey);
const withRestoration = (draft: UndoneDraft, change: object) => ({
  ...draft,
  restoration: { ...draft.restoration, ...change },
});
const withLog = (draft: UndoneDraft, change: object) =>
  withRestoration(draft, { log: { ...draft.restoration.log, ...change } });

describe('the certificate of a deletion that was undone', () => {
  it('is taken as it was issued, and says that, when, why and in whose role', () => {
    const { certificate } = check(undoneDraft(signer));
    expect(certificate).toMatchObject({
      version: 3,
      deletedAt: '2026-11-23T14:05:09.182Z',
      restoration: {
        actorRole: 'privacy-officer',
        requestedVia: 'TOKEN',
        reason: 'DELETED_IN_ERROR',
        requestedAt: RESTORED_AT,
        restoredAt: RESTORED_AT,
        log: { leaf: { action: 'SYSTEM_RESTORE_PATIENT' } },
      },
      statement: { code: 'DELETION_UNDONE_1' },
    });
    expect(JSON.stringify(certificate)).not.toContain(PATIENT_ID);
    expect(JSON.stringify(certificate)).not.toContain(ACTOR);
  });

  it.each<[string, RegExp, (draft: UndoneDraft) => object]>([
    ['another reason', /reason of the restoration/, (d) => withRestoration(d, { reason: 'COURT_ORDER' })],
    ['another role', /actorRole of the restoration/, (d) => withRestoration(d, { actorRole: 'auditor' })],
    [
      'another way to know the requester',
      /requestedVia/,
      (d) => withRestoration(d, { requestedVia: 'TERMINAL' }),
    ],
    [
      'another request time',
      /requestedAt/,
      (d) => withRestoration(d, { requestedAt: '2026-11-24T09:12:40.030Z' }),
    ],
    ['another time', /restoredAt/, (d) => withRestoration(d, { restoredAt: '2026-11-24T09:12:40.030Z' })],
    [
      'another leaf',
      /hash/,
      (d) => withLog(d, { leaf: { ...d.restoration.log.leaf, actorRole: 'auditor' } }),
    ],
    ['another leaf hash', /hash/, (d) => withLog(d, { leafHash: d.log.leafHash })],
    ['another index', /inclusion/, (d) => withLog(d, { leafIndex: 3 })],
    ['another tree size', /size/, (d) => withLog(d, { treeSize: 6 })],
    ['no proof', /inclusion/, (d) => withLog(d, { inclusionProof: [] })],
    ['the checkpoint of another tree', /inclusion/, (d) => withLog(d, { checkpoint: d.log.checkpoint })],
    ['the seal of the deletion', /format/, (d) => withRestoration(d, { log: d.log })],
    ['an issue before it', /times/, (d) => ({ ...d, issuedAt: '2026-11-24T09:00:00.000Z' })],
    [
      'the statement of a deletion that stands',
      /statement/,
      (d) => ({ ...d, statement: exampleDraft(signer).statement }),
    ],
    ['another statement', /statement/, (d) => ({ ...d, statement: { ...UNDONE_STATEMENT, en: [] } })],
    ['no word of the restoration', /format/, ({ restoration: _restoration, ...d }) => d],
    ['a rescan at the issue', /format/, (d) => ({ ...d, rescan: exampleDraft(signer).rescan })],
    ['one row more', /counts/, (d) => ({ ...d, shards: d.shards.slice(1) })],
    ['the number of the form before', /format/, (d) => ({ ...d, version: 2 })],
  ])('is refused with %s, whoever has signed it', (_, why, change) => {
    expect(() => check(change(undoneDraft(signer)))).toThrow(CertificateInvalid);
    expect(() => check(change(undoneDraft(signer)))).toThrow(why);
  });

  it.each<[string, RegExp, Parameters<typeof undoneDraft>[1]]>([
    ['of another deletion', /another deletion/, { deletionId: '019ac10f-52b7-7e31-8a4d-6c2f90b1d8e8' }],
    ['that brought back less', /other rows/, { purged: [] }],
    [
      'before the deletion',
      /times/,
      { occurredAt: '2026-11-23T14:05:09.181Z', requestedAt: '2026-11-23T14:05:09.181Z' },
    ],
    ['that was asked for after it was carried out', /times/, { requestedAt: '2026-11-24T09:12:40.032Z' }],
    ['that failed', /format/, { action: 'SYSTEM_RESTORE_PATIENT_FAILED' }],
    ['that keeps nothing of its request', /format/, { requestedAt: null, actorSource: null }],
  ])('is refused with the event of a restoration %s', (_, why, event) => {
    expect(() => check(undoneDraft(signer, event))).toThrow(why);
  });

  it('and that of one that stands are not taken for each other', () => {
    expect(() => check({ ...exampleDraft(signer), statement: UNDONE_STATEMENT })).toThrow(/statement/);
    const { restoration } = undoneDraft(signer);
    expect(() => check({ ...exampleDraft(signer), restoration })).toThrow(/format/);
  });

  it('is refused with any one of its bytes changed', () => {
    const json = signDraft(undoneDraft(signer), signer);
    const accepted = [...json.keys()].filter((at) => {
      const changed = Buffer.from(json);
      changed[at] = (changed[at] ?? 0) ^ 1;
      try {
        verifyCertificate(changed, signer.verifierKey);
        return true;
      } catch (error) {
        if (error instanceof CertificateInvalid) return false;
        throw error;
      }
    });
    expect(accepted).toEqual([]);
  });

  it.each([
    [
      'en',
      [
        'Certificate of an undone deletion',
        'this deletion was UNDONE',
        'The restoration Requested by (role) Data-protection officer (privacy-officer)',
        'Deleted in error (DELETED_IN_ERROR)',
        'Restored 2026-11-24 09:12:40 UTC',
        'Patient Patient demographics patient.sharded_patient_demographics 1 Clinical',
        'Total 2,479',
        'Seal of the restoration',
        'It does not show that the patient is deleted now.',
      ],
    ],
    [
      'tr',
      [
        'Geri alınmış silme belgesi',
        'GERİ ALINMIŞTIR',
        'Yanlışlıkla silinmiş (DELETED_IN_ERROR)',
        'Geri alma zamanı 2026-11-24 09:12:40 UTC',
        'Geri almanın mührü',
      ],
    ],
  ] as const)('says so on its pages: %s', async (language, parts) => {
    const json = signDraft(undoneDraft(signer), signer);
    const pages = await printCertificate(issuedIn(json, signer), language);
    const pdf = sealPdf(pages, (bytes) => signer.signBytes(bytes));
    expect(verifyCertificate(pdf, signer.verifierKey)).toMatchObject({
      format: 'PDF',
      certificate: { version: 3 },
    });
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
    const whole = text.replace(/\s+/g, ' ');
    for (const part of parts) expect(whole).toContain(part);
    expect(whole).not.toMatch(/Live now|Şu an canlı|destr|yok et/);
  });
});
