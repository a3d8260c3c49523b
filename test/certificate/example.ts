import { generateKeyPairSync } from 'node:crypto';
import {
  checkpointText,
  inclusionPlan,
  leafBytes,
  leafHash,
  NoteSigner,
  proofOf,
  rootOf,
  sealedLeafOf,
} from '../../src/transparency-log/index.js';
import { certificateBytes, signedBytes, signerOf } from '../../src/certificate/certificate.document.js';
import { draftCertificate } from '../../src/certificate/certificate.draft.js';
import { PatientDeletion } from '../../src/patient/index.js';

export const PATIENT_ID = '0198c5a2-7d1e-4c3b-9f60-2b7a51e0c914';
const DELETION_ID = '019ac10f-52b7-7e31-8a4d-6c2f90b1d8e7';
const AUDIT_EVENT_ID = '019ac10f-52b8-7011-b7c3-1f4e8d2a6b95';
const MOMENT = '2026-11-23T14:05:09.182Z';
export const ACTOR = 'admin@hospital.example';
export const REQUEST_ID = '7b0c3f6e-1c5a-4b5e-9d55-0f6f3f1f2c11';

/** A new signer under the name of a log. */
export function newSigner(): NoteSigner {
  return new NoteSigner('silgi.hospital.example/audit', generateKeyPairSync('ed25519').privateKey);
}

export type Draft = ReturnType<typeof draftCertificate>;

/** The certificate of a made-up deletion, before it is signed: the third event of five. */
export function exampleDraft(signer: NoteSigner, resourceTypes = 4): Draft {
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
  const totalRows = shards.flatMap(({ resources }) => resources).reduce((all, { rows }) => all + rows, 0);
  const codes = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' } as const;
  const record = Object.assign(new PatientDeletion(), {
    deletionId: DELETION_ID,
    patientId: PATIENT_ID,
    state: 'DELETED',
    ...codes,
    shards,
    requestedAt: new Date(MOMENT),
    deletedAt: new Date(MOMENT),
    totalRows: String(totalRows),
  } as const);
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
    occurredAt: MOMENT,
    salt: '5f0c7a4e-30a9-4d3a-9a55-2f0f6a1d7c11',
  });
  const hashes = ['a', 'b', 'c', 'd', 'e'].map((text) => leafHash(Buffer.from(text)));
  hashes[2] = leafHash(leafBytes(leaf));
  const lookup = ({ level, index }: { level: number; index: number }) =>
    rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const text = checkpointText({ origin: signer.name, size: hashes.length, root: rootOf(hashes) });
  const sealed = {
    leaf,
    leafIndex: 2,
    leafHash: base64(leafHash(leafBytes(leaf))),
    treeSize: hashes.length,
    proof: proofOf(inclusionPlan(2, hashes.length), lookup).map(base64),
    checkpoint: signer.sign(text),
  };
  return draftCertificate({
    record,
    sealed,
    checkedAt: new Date().toISOString(),
    tables,
    signedBy: signerOf(signer.verifierKey),
  });
}

/** Signs whatever is drafted: also what the service would never sign. */
export function signDraft(draft: object, signer: NoteSigner): Buffer {
  const signature = Buffer.from(signer.signBytes(signedBytes(draft))).toString('base64url');
  return certificateBytes({ ...draft, signature });
}
