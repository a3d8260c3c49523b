import { generateKeyPairSync } from 'node:crypto';
import {
  checkpointText,
  inclusionPlan,
  leafBytes,
  leafHash,
  NoteSigner,
  proofOf,
  rootOf,
  type InclusionProof,
  type SealableEvent,
  type SealedLeaf,
  sealedLeafOf,
} from '../../src/transparency-log/index.js';
import {
  certificateBytes,
  type IssuedCertificate,
  signedBytes,
  signerOf,
} from '../../src/certificate/certificate.document.js';
import { verifyCertificate } from '../../src/certificate/index.js';
import { draftCertificate, draftUndoneCertificate } from '../../src/certificate/certificate.draft.js';

export const PATIENT_ID = '0198c5a2-7d1e-4c3b-9f60-2b7a51e0c914';
const DELETION_ID = '019ac10f-52b7-7e31-8a4d-6c2f90b1d8e7';
const AUDIT_EVENT_ID = '019ac10f-52b8-7011-b7c3-1f4e8d2a6b95';
const MOMENT = '2026-11-23T14:05:09.182Z';
/** When the same deletion is undone. */
export const RESTORED_AT = '2026-11-24T09:12:40.031Z';
export const ISSUER = 'https://id.hospital.example/realms/hospital';
export const CONTROLLER = {
  name: 'Örnek Şifa Hastanesi',
  registration: 'VERBİS 1234567890',
  contact: 'kvkk@hospital.example',
};
export const ACTOR = 'admin@hospital.example';
export const REQUEST_ID = '7b0c3f6e-1c5a-4b5e-9d55-0f6f3f1f2c11';

/** A new signer under the name of a log. */
export function newSigner(): NoteSigner {
  return new NoteSigner('silgi.hospital.example/audit', generateKeyPairSync('ed25519').privateKey);
}

export type Draft = ReturnType<typeof draftCertificate>;

/**
 * The certificate of a made-up deletion, before it is signed: the third event of five.
 *
 * @param more what its event says otherwise
 */
export function exampleDraft(
  signer: NoteSigner,
  resourceTypes = 4,
  more: Partial<SealableEvent> = {},
): Draft {
  const names = ['Examination', 'Diagnosis', 'Prescription', 'TestResult'];
  const shards = [
    {
      shard: 'patient' as const,
      resources: [{ resourceType: 'PatientDemographics', table: 'sharded_patient_demographics', rows: 1 }],
    },
    {
      shard: 'clinical' as const,
      resources: Array.from({ length: resourceTypes }, (_, index) => ({
        resourceType: names[index] ?? `Resource${index}`,
        table: `sharded_table_${index}`,
        rows: 3 + 411 * index,
      })),
    },
  ];
  const tables = shards.flatMap(({ shard, resources }) =>
    resources.map(({ resourceType, table }) => ({ shard, resourceType, table, liveRows: 0 })),
  );
  const codes = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' } as const;
  const leaf = sealedLeafOf({
    patientId: PATIENT_ID,
    auditEventId: AUDIT_EVENT_ID,
    action: 'SYSTEM_DELETE_PATIENT',
    ...codes,
    actor: ACTOR,
    actorRole: 'system-admin',
    deletionId: DELETION_ID,
    purged: shards,
    failure: null,
    requestId: REQUEST_ID,
    actorSource: { kind: 'TOKEN', issuer: ISSUER },
    requestedAt: MOMENT,
    occurredAt: MOMENT,
    salt: '5f0c7a4e-30a9-4d3a-9a55-2f0f6a1d7c11',
    ...more,
  });
  return draftCertificate({
    sealed: sealOf(signer, leaf),
    checkedAt: new Date().toISOString(),
    tables,
    signedBy: signerOf(signer.verifierKey),
    controller: CONTROLLER,
  });
}

/** The third event of five, as the log proves it. */
function sealOf(signer: NoteSigner, leaf: SealedLeaf): InclusionProof {
  const hashes = ['a', 'b', 'c', 'd', 'e'].map((text) => leafHash(Buffer.from(text)));
  hashes[2] = leafHash(leafBytes(leaf));
  const lookup = ({ level, index }: { level: number; index: number }) =>
    rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const text = checkpointText({ origin: signer.name, size: hashes.length, root: rootOf(hashes) });
  return {
    leaf,
    leafIndex: 2,
    leafHash: base64(leafHash(leafBytes(leaf))),
    treeSize: hashes.length,
    proof: proofOf(inclusionPlan(2, hashes.length), lookup).map(base64),
    checkpoint: signer.sign(text),
  };
}

export type UndoneDraft = ReturnType<typeof draftUndoneCertificate>;

/**
 * The certificate of the same deletion, undone a day later, before it is signed.
 *
 * @param more what the event of the restoration says otherwise
 */
export function undoneDraft(signer: NoteSigner, more: Partial<SealableEvent> = {}): UndoneDraft {
  const { log, signedBy } = exampleDraft(signer);
  const { inclusionProof: proof, ...seal } = log;
  const leaf = sealedLeafOf({
    patientId: PATIENT_ID,
    auditEventId: '019ac635-1c40-7d0e-8f2a-91b3e7c05d68',
    action: 'SYSTEM_RESTORE_PATIENT',
    reason: 'DELETED_IN_ERROR',
    legalBasis: null,
    actor: 'officer@hospital.example',
    actorRole: 'privacy-officer',
    deletionId: DELETION_ID,
    purged: log.leaf.purged,
    failure: null,
    requestId: REQUEST_ID,
    actorSource: { kind: 'TOKEN', issuer: ISSUER },
    requestedAt: RESTORED_AT,
    occurredAt: RESTORED_AT,
    salt: '0d6b5a1e-77c2-4f0b-8e3d-5a9c1b2f4e60',
    ...more,
  });
  return draftUndoneCertificate({
    sealed: { ...seal, proof },
    restoration: sealOf(signer, leaf),
    signedBy,
    controller: CONTROLLER,
  });
}

/** Signs whatever is drafted: also what the service would never sign. */
export function signDraft(draft: object, signer: NoteSigner): Buffer {
  const signature = Buffer.from(signer.signBytes(signedBytes(draft as { version: number }))).toString(
    'base64url',
  );
  return certificateBytes({ ...draft, signature });
}

/** A certificate of the form that is issued now, checked. */
export function issuedIn(json: Buffer, signer: NoteSigner): IssuedCertificate {
  const { certificate } = verifyCertificate(json, signer.verifierKey);
  if (certificate.version === 1) throw new Error('It is a certificate of an older form.');
  return certificate;
}
