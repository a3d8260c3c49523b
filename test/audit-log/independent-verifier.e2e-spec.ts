import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { EntityManager } from 'typeorm';
import { CheckpointFile, exportLog, notesIn } from '../../src/transparency-log/index.js';
import { seedPatient } from '../support/patients.js';
import { CertificateStage } from '../certificate/certificate.stage.js';
import * as verifier from '../docs/verifier.js';

interface Inclusion {
  readonly leaf: Parameters<typeof verifier.hashOf>[0];
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly proof: string[];
  readonly checkpoint: string;
}
interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: string;
  readonly toRoot: string;
  readonly proof: string[];
}

const bytes = (text: string) => Buffer.from(text, 'base64');
let stage: CertificateStage;

beforeAll(async () => {
  stage = await CertificateStage.open();
  const seal = (auditEventId: string) =>
    stage.api.call('get', `/audit-log/inclusion-proof/${auditEventId}`, 'auditor').expect(200);
  for (let more = 0; more < 4; more++) await seal((await stage.deletePatient()).auditEventId);
  // One of the patients is one whom the hospital's own system has hidden: of such a one there is no deletion.
  const hidden = await seedPatient(stage.database, 0);
  await stage.database.query(
    'UPDATE patient.sharded_patient_demographics SET is_deleted = true WHERE patient_id = $1',
    [hidden],
  );
  await stage.api.call('get', '/patients?state=deleted', 'privacy-officer').expect(200);
  const reads = await stage.database.query<{ id: string }>(
    `SELECT audit_event_id AS id FROM audit.sharded_audit_event WHERE action = 'DELETED_PATIENT_READ'`,
  );
  expect(reads).toHaveLength(6);
  for (const { id } of reads) await seal(id);
});

afterAll(() => stage.close());

describe('a verifier written from the documents alone', () => {
  it('takes the export of a service, with the checkpoints outside the database', async () => {
    const notes = notesIn(await readFile(stage.api.app.get(CheckpointFile).path, 'utf8'));
    const lines: string[] = [];
    await exportLog(stage.api.app.get(EntityManager), 11, (text) => {
      lines.push(...text.trimEnd().split('\n'));
      return Promise.resolve();
    });
    expect(verifier.checkExport(lines, notes, stage.key)).toBe(11);
    const read = lines.map((line) => JSON.parse(line) as { action: string; deletionId: string }).slice(5);
    expect(read.filter(({ action }) => action === 'DELETED_PATIENT_READ')).toHaveLength(6);
    expect(read.filter(({ deletionId }) => /^[0-]+$/.test(deletionId))).toHaveLength(1);
  });

  it('takes its proofs of inclusion and of consistency', async () => {
    const path = `/audit-log/inclusion-proof/${stage.deleted.auditEventId}`;
    const answered = await stage.api.call('get', path, 'auditor').expect(200);
    const { leaf, leafIndex, treeSize, proof, checkpoint } = answered.body as Inclusion;
    const { root } = verifier.openCheckpoint(checkpoint, stage.key);
    const reached = verifier.rootByPath(verifier.hashOf(leaf), leafIndex, treeSize, proof.map(bytes));
    expect(reached.equals(root)).toBe(true);
    for (const from of [1, 2, 3, 4, 5]) {
      const grown = await stage.api.call('get', `/audit-log/consistency-proof?from=${from}&to=5`, 'auditor');
      const answer = grown.body as Consistency;
      const roots = verifier.rootsByProof([from, 5], bytes(answer.fromRoot), answer.proof.map(bytes));
      expect(roots.map((one) => one.toString('base64'))).toEqual([answer.fromRoot, answer.toRoot]);
    }
  });

  it('takes its certificate, as JSON and as PDF', async () => {
    const json = await stage.certificateOf(stage.deleted).expect(200);
    const certificate = verifier.checkCertificate(Buffer.from(json.text), stage.key);
    expect(certificate).toMatchObject({
      version: 2,
      deletionId: stage.deleted.deletionId,
      requestedVia: 'TOKEN',
    });
    verifier.checkPdf((await stage.asPdf(stage.deleted).expect(200)).body as Buffer, stage.key);
  });
});
