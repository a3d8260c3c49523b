import { createPrivateKey } from 'node:crypto';
import { certificateBytes, signedBytes, signerOf } from '../../src/certificate/certificate.document.js';
import { draftCertificate, draftUndoneCertificate } from '../../src/certificate/certificate.draft.js';
import {
  checkpointText,
  consistencyPlan,
  inclusionPlan,
  leafBytes,
  leafHash,
  NoteSigner,
  proofOf,
  rootOf,
  type SealableEvent,
  sealedLeafOf,
} from '../../src/transparency-log/index.js';

/** The first test vector of RFC 8032, section 7.1: everybody has this key. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const DER = Buffer.from(`302e020100300506032b657004220420${SEED}`, 'hex');

export const signer = new NoteSigner(
  'hospital.example/audit-log',
  createPrivateKey({ key: DER, format: 'der', type: 'pkcs8' }),
);

const PURGED = [
  {
    shard: 'patient' as const,
    resources: [{ resourceType: 'PatientDemographics', table: 'sharded_patient_demographics', rows: 1 }],
  },
  { shard: 'clinical' as const, resources: [{ resourceType: 'Diagnosis', table: 'sharded_tani', rows: 9 }] },
];
const COMMON = {
  action: 'SYSTEM_DELETE_PATIENT',
  actor: 'işıl@hospital.example',
  actorRole: 'system-admin',
  reason: 'DATA_SUBJECT_REQUEST',
  legalBasis: 'KVKK_ART_7',
  purged: PURGED,
  failure: null,
  requestId: '7b0c3f6e-1c5a-4b5e-9d55-0f6f3f1f2c11',
} as const;
const id = (kind: number, place: number) => `019ac10f-52b${kind}-7011-b7c3-00000000000${place.toString(16)}`;
const ids = (place: number) => ({
  patientId: `0198c5a2-7d1e-4c3b-9f60-00000000000${place}`,
  auditEventId: id(1, place),
  deletionId: id(2, place),
  salt: `3f1c9a52-0b6d-4e87-a1f4-00000000000${place}`,
});

/** The second event of those below, undone two hours later. */
const RESTORATION: SealableEvent = {
  ...COMMON,
  ...ids(1),
  auditEventId: id(1, 4),
  salt: '3f1c9a52-0b6d-4e87-a1f4-000000000004',
  action: 'SYSTEM_RESTORE_PATIENT',
  actor: 'officer@hospital.example',
  actorRole: 'privacy-officer',
  reason: 'DELETED_IN_ERROR',
  legalBasis: null,
  actorSource: { kind: 'TOKEN', issuer: 'https://id.hospital.example/realms/hospital' },
  requestedAt: '2026-11-23T16:20:41.507Z',
  occurredAt: '2026-11-23T16:20:41.507Z',
};
const officersEvent = (place: number, action: SealableEvent['action'], reason: string): SealableEvent => ({
  ...RESTORATION,
  ...ids(3),
  auditEventId: id(1, place),
  salt: `3f1c9a52-0b6d-4e87-a1f4-00000000000${place.toString(16)}`,
  action,
  reason,
  deletionId: '00000000-0000-0000-0000-000000000000',
  purged: null,
  requestedAt: `2026-11-23T17:${String(place).padStart(2, '0')}:00.000Z`,
  occurredAt: `2026-11-23T17:${String(place).padStart(2, '0')}:00.000Z`,
});

/**
 * From before the request was kept; asked for by a token; a failed attempt at a terminal; a read of a hidden patient;
 * a restoration, and one that was refused before; a legal hold on a live patient, and its release;
 * data subjects' requests, and what was answered.
 */
const EVENTS: SealableEvent[] = [
  { ...COMMON, ...ids(0), actorSource: null, requestedAt: null, occurredAt: '2025-01-01T10:00:00.000Z' },
  {
    ...COMMON,
    ...ids(1),
    actorSource: { kind: 'TOKEN', issuer: 'https://id.hospital.example/realms/hospital' },
    requestedAt: '2026-11-23T14:05:09.182Z',
    occurredAt: '2026-11-23T14:05:09.182Z',
  },
  {
    ...COMMON,
    ...ids(2),
    action: 'SYSTEM_DELETE_PATIENT_FAILED',
    actor: 'ayse',
    actorRole: null,
    actorSource: { kind: 'TERMINAL', databaseLogin: 'silgi_admin', claimedName: 'Dr. Işıl Yıldız' },
    purged: null,
    failure: { code: 'SHARD_FAILED', phase: 'EXECUTE', shard: 'finance', step: 'mark finance' },
    requestedAt: '2026-11-23T14:05:10.000Z',
    occurredAt: '2026-11-23T14:05:10.250Z',
  },
  {
    ...COMMON,
    ...ids(3),
    action: 'DELETED_PATIENT_READ',
    actor: 'kvkk@hospital.example',
    actorRole: 'privacy-officer',
    actorSource: { kind: 'TOKEN', issuer: 'https://id.hospital.example/realms/hospital' },
    deletionId: '00000000-0000-0000-0000-000000000000',
    reason: null,
    legalBasis: null,
    purged: null,
    requestedAt: '2026-11-23T15:00:00.000Z',
    occurredAt: '2026-11-23T15:00:00.000Z',
  },
  {
    ...RESTORATION,
    auditEventId: id(1, 5),
    salt: '3f1c9a52-0b6d-4e87-a1f4-000000000005',
    action: 'SYSTEM_RESTORE_PATIENT_FAILED',
    purged: null,
    failure: { code: 'RESTORATION_REFUSED', refusal: 'VETOED' },
    requestedAt: '2026-11-23T16:19:02.001Z',
    occurredAt: '2026-11-23T16:19:02.044Z',
  },
  RESTORATION,
  officersEvent(6, 'SYSTEM_PLACE_LEGAL_HOLD', 'LITIGATION'),
  officersEvent(7, 'SYSTEM_RELEASE_LEGAL_HOLD', 'CASE_CLOSED'),
  officersEvent(8, 'SYSTEM_RECORD_ERASURE_REQUEST', 'KEP'),
  officersEvent(9, 'SYSTEM_REFUSE_ERASURE_REQUEST', 'GDPR_ART_17_3_B'),
  officersEvent(10, 'SYSTEM_EXTEND_ERASURE_REQUEST', 'COMPLEXITY'),
  officersEvent(11, 'SYSTEM_WITHDRAW_ERASURE_REQUEST', 'REQUEST_WITHDRAWN'),
];
const ISSUED = '2026-11-24T08:30:00.417Z';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** The files of docs/vectors that the product makes today, by name. */
export function vectorFiles(): Record<string, string> {
  const leaves = EVENTS.map((event) => sealedLeafOf(event));
  const hashes = leaves.map((leaf) => leafHash(leafBytes(leaf)));
  const lookup = ({ level, index }: { level: number; index: number }) =>
    rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const checkpointOf = (size: number) =>
    signer.sign(checkpointText({ origin: signer.name, size, root: rootOf(hashes.slice(0, size)) }));
  const size = hashes.length;
  const proofs = hashes.map((_, index) => proofOf(inclusionPlan(index, size), lookup).map(base64));
  const lines = EVENTS.map(({ actorSource, requestedAt, occurredAt, salt, ...event }, leafIndex) => ({
    leafIndex,
    leafHash: base64(hashes[leafIndex] ?? Buffer.alloc(0)),
    ...event,
    ...(requestedAt !== null && { actorSource, requestedAt }),
    occurredAt,
    salt,
  }));
  const tables = PURGED.flatMap(({ shard, resources }) =>
    resources.map(({ resourceType, table }) => ({ shard, resourceType, table, liveRows: 0 })),
  );
  const sealed = {
    leaf: leaves[1] ?? sealedLeafOf(EVENTS[1] as SealableEvent),
    leafIndex: 1,
    leafHash: base64(hashes[1] ?? Buffer.alloc(0)),
    treeSize: size,
    proof: proofs[1] ?? [],
    checkpoint: checkpointOf(size),
  };
  const about = {
    sealed,
    signedBy: signerOf(signer.verifierKey),
    controller: { name: 'Örnek Şifa Hastanesi', registration: 'VERBİS 1234567890', contact: null },
  };
  const signed = (draft: { readonly version: number }) => {
    const certificate = { ...draft, issuedAt: ISSUED };
    const signature = Buffer.from(signer.signBytes(signedBytes(certificate))).toString('base64url');
    return certificateBytes({ ...certificate, signature }).toString();
  };
  const vectors = {
    privateKeySeed: SEED,
    verifierKey: signer.verifierKey,
    leaves: leaves.map((leaf, index) => ({
      event: EVENTS[index],
      canonical: Buffer.from(leafBytes(leaf)).toString(),
      leafHash: base64(hashes[index] ?? Buffer.alloc(0)),
      inclusionProof: proofs[index],
    })),
    treeSize: size,
    root: base64(rootOf(hashes)),
    consistencyProof: { from: 2, to: size, proof: proofOf(consistencyPlan(2, size), lookup).map(base64) },
    checkpoints: [checkpointOf(2), checkpointOf(size)],
  };
  return {
    'vectors.json': `${JSON.stringify(vectors, null, 2)}\n`,
    'export.jsonl': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    'checkpoints.txt': vectors.checkpoints.map((note) => `${note}\n`).join(''),
    'certificate-v2.json': signed(draftCertificate({ ...about, checkedAt: ISSUED, tables })),
    'certificate-v3.json': signed(
      draftUndoneCertificate({ ...about, restoration: sealedAlone(RESTORATION) }),
    ),
  };
}

/** The proof of an event that is alone in a log of the same name and key. */
function sealedAlone(event: SealableEvent) {
  const leaf = sealedLeafOf(event);
  const hash = leafHash(leafBytes(leaf));
  return {
    leaf,
    leafIndex: 0,
    leafHash: base64(hash),
    treeSize: 1,
    proof: [],
    checkpoint: signer.sign(checkpointText({ origin: signer.name, size: 1, root: hash })),
  };
}
