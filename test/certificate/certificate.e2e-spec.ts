import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extractText, getDocumentProxy } from 'unpdf';
import { createHash, randomUUID } from 'node:crypto';
import { verifyCertificate } from '../../src/certificate/index.js';
import { expectProblem, REQUEST, SUBJECT } from '../admin/api.js';
import { Contract } from '../contract/contract.js';
import { documentOf } from '../contract/document.js';
import { PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { CertificateStage } from './certificate.stage.js';

let stage: CertificateStage;

beforeAll(async () => {
  stage = await CertificateStage.open();
});

afterAll(() => stage.close());

describe('GET …/deletions/{deletionId}/certificate', () => {
  it('is a signed document that says what the deletion did, and that the patient has no live row now', async () => {
    const response = await stage.certificateOf(stage.deleted).expect(200);
    const { certificate, digest } = verifyCertificate(Buffer.from(response.text), stage.key);
    const { auditEventId, ...answer } = stage.deleted;
    expect(certificate).toMatchObject({
      deletionId: answer.deletionId,
      deletedAt: answer.deletedAt,
      shards: answer.shards,
      totalRows: 29,
      ...REQUEST,
      actorRole: 'system-admin',
      requestedVia: 'TOKEN',
      requestedAt: answer.deletedAt,
      controller: null,
      statement: { code: 'SOFT_DELETE_1' },
      log: { leaf: { auditEventId, purged: answer.shards } },
    });
    if (certificate.version !== 2) throw new Error('It is none of a deletion that stands.');
    const { tables } = certificate.rescan.atIssue;
    expect(tables.map(({ shard, table }) => `${shard}.${table}`).sort()).toEqual([...PATIENT_TABLES].sort());
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename=silgi-deletion-${answer.deletionId}.json`,
      'repr-digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`,
      'cache-control': 'no-store',
    });
    expect(response.headers['vary']).toMatch(/Accept, Accept-Language$/);
  });

  it('keeps to the OpenAPI document in every form and in every refusal', async () => {
    const contract = new Contract(documentOf(stage.api.app));
    const { patientId, deletionId } = stage.deleted;
    const target = `/api/v1/patients/${patientId}/deletions/${deletionId}/certificate`;
    const answers = [
      await stage.certificateOf(stage.deleted),
      await stage.asPdf(stage.deleted),
      await stage.certificateOf(stage.deleted, { Accept: 'text/html' }),
      await stage.certificateOf({ patientId, deletionId: randomUUID() }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 406, 404]);
    for (const { status, headers, text } of answers)
      contract.check({ method: 'GET', target, status, headers: headers, text });
  });

  it('is a PDF with the same inside where that is asked for', async () => {
    const response = await stage
      .asPdf(stage.deleted, { 'Accept-Language': 'tr-TR,tr;q=0.9,en;q=0.8' })
      .expect(200);
    const pdf = response.body as Buffer;
    const { certificate, format } = verifyCertificate(pdf, stage.key);
    expect({ format, shards: certificate.shards }).toEqual({ format: 'PDF', shards: stage.deleted.shards });
    const sha256 = createHash('sha256').update(pdf).digest('base64');
    expect(response.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-language': 'tr',
      'content-disposition': `attachment; filename=silgi-deletion-${stage.deleted.deletionId}.pdf`,
      'repr-digest': `sha-256=:${sha256}:`,
    });
  });

  it.each([
    ['', 'en'],
    ['tr', 'tr'],
    ['TR', 'tr'],
    ['tr-TR', 'tr'],
    ['en-GB;q=0.4, tr-TR;q=0.8', 'tr'],
    ['tr;q=0.4, en;q=0.8', 'en'],
    ['de, fr;q=0.9', 'en'],
    ['de, tr;q=0.1', 'tr'],
    ['tr;q=0', 'en'],
    ['*', 'en'],
    [';;q=,,', 'en'],
  ])('speaks to "%s" in %s', async (accepted, language) => {
    const { headers } = await stage.asPdf(stage.deleted, { 'Accept-Language': accepted }).expect(200);
    expect(headers['content-language']).toBe(language);
  });

  it.each([
    ['*/*', /^application\/json/],
    ['application/*', /^application\/json/],
    ['application/pdf;q=0.2, application/json', /^application\/json/],
    ['text/html, application/pdf;q=0.5', /^application\/pdf/],
  ])('answers Accept: %s in that form', async (Accept, type) => {
    const { headers } = await stage.asPdf(stage.deleted, { Accept }).expect(200);
    expect(headers['content-type']).toMatch(type);
  });

  it.each(['text/html', 'application/xml, image/*', 'application/json;q=0'])('has no %s', async (Accept) => {
    const response = await stage.certificateOf(stage.deleted, { Accept });
    expectProblem(response, 406, 'NOT_ACCEPTABLE');
    expect(response.headers['vary']).toContain('Accept');
  });

  it('knows no deletion but the patient’s own', async () => {
    const other = await stage.deletePatient();
    const wrong = [
      { ...stage.deleted, deletionId: randomUUID() },
      { ...stage.deleted, patientId: randomUUID() },
      { patientId: stage.deleted.patientId, deletionId: other.deletionId },
    ];
    for (const of of wrong) expectProblem(await stage.certificateOf(of), 404, 'DELETION_NOT_FOUND');
  });

  it('holds nothing personal: no patient, no name, no requester, no request', async () => {
    const json = (await stage.certificateOf(stage.deleted).expect(200)).text;
    const pdf = (await stage.asPdf(stage.deleted).expect(200)).body as Buffer;
    const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), {
      mergePages: true,
    });
    expect(pages).toContain(stage.deleted.deletionId);
    for (const text of [json, pages, pdf.toString('latin1')])
      for (const secret of [
        stage.deleted.patientId,
        SUBJECT,
        `asked-${stage.deleted.patientId}`,
        'Işıl',
        'Yıldız',
        'H-1"',
      ])
        expect(text).not.toContain(secret);
  });
});

describe('a service that was told who the controller is', () => {
  it('names it on every certificate, as JSON and on the pages of the PDF, under its signature', async () => {
    const controller = {
      name: 'Örnek Şifa Hastanesi',
      registration: 'VERBİS 1234567890',
      contact: 'kvkk@sifa.example',
    };
    const told = await CertificateStage.open({
      CONTROLLER_NAME: controller.name,
      CONTROLLER_REGISTRATION: controller.registration,
      CONTROLLER_CONTACT: controller.contact,
    });
    try {
      const json = Buffer.from((await told.certificateOf(told.deleted).expect(200)).text);
      const pdf = (await told.asPdf(told.deleted, { 'Accept-Language': 'tr' }).expect(200)).body as Buffer;
      for (const file of [json, pdf])
        expect(verifyCertificate(file, told.key).certificate).toMatchObject({ controller });
      const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), {
        mergePages: true,
      });
      for (const said of Object.values(controller)) expect(pages).toContain(said);
      const other = json.toString().replace(controller.name, 'Başka Hastane');
      expect(() => verifyCertificate(Buffer.from(other), told.key)).toThrow('signature does not fit');
    } finally {
      await told.close();
    }
  });
});

describe('a deletion from before the log was sealed', () => {
  it('gets its certificate all the same; it says neither role nor request, which were not sealed then', async () => {
    const [patientId, deletionId, auditEventId] = [
      await seedPatient(stage.database, 1),
      randomUUID(),
      randomUUID(),
    ];
    const shards = [
      { shard: 'clinical', resources: [{ resourceType: 'Diagnosis', table: 'sharded_tani', rows: 1 }] },
    ];
    await stage.tamper(
      ...PATIENT_TABLES.map((table): [string, unknown[]] => [
        `UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`,
        [patientId],
      ]),
      [
        `INSERT INTO patient.sharded_patient_deletion (patient_id, deletion_id, state, reason, legal_basis, requested_by,
           requested_at, request_id, deleted_at, shards, total_rows, audit_event_id)
         VALUES ($1, $2, 'DELETED', 'COURT_ORDER', 'OTHER_LAW', 'x', '2025-01-01T10:00:00Z', 'r', '2025-01-01T10:00:00Z',
           $3, 1, $4)`,
        [patientId, deletionId, JSON.stringify(shards), auditEventId],
      ],
      [
        `INSERT INTO audit.sharded_audit_event (patient_id, audit_event_id, action, actor, reason, legal_basis, deletion_id,
           purged, request_id, occurred_at)
         VALUES ($1, $4, 'SYSTEM_DELETE_PATIENT', 'x', 'COURT_ORDER', 'OTHER_LAW', $2, $3, 'r', '2025-01-01T10:00:00Z')`,
        [patientId, deletionId, JSON.stringify(shards), auditEventId],
      ],
    );
    const { text } = await stage.certificateOf({ patientId, deletionId }).expect(200);
    expect(verifyCertificate(Buffer.from(text), stage.key).certificate).toMatchObject({
      deletionId,
      actorRole: null,
      requestedAt: null,
      requestedVia: null,
      log: { leaf: { v: 1 } },
      deletedAt: '2025-01-01T10:00:00.000Z',
      totalRows: 1,
    });
  });
});
