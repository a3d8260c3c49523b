import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { extractText, getDocumentProxy } from 'unpdf';
import { createHash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type supertest from 'supertest';
import { AuditLogKey } from '../../src/transparency-log/index.js';
import { type Certificate, verifyCertificate } from '../../src/certificate/index.js';
import { verifyCertificateCommand } from '../../src/cli/verify-certificate.command.js';
import { readEnvironment } from '../../src/config/index.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from '../admin/api.js';
import { Contract } from '../contract/contract.js';
import { documentOf } from '../contract/document.js';
import { ProductProcess } from '../admin/service.process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { PATIENT_TABLES, seedPatient } from '../support/patients.js';
import { temporaryFolder } from '../support/run.folder.js';
import { exampleDraft, newSigner, signDraft } from './example.js';

interface Deleted {
  readonly patientId: string;
  readonly deletionId: string;
  readonly auditEventId: string;
  readonly deletedAt: string;
  readonly shards: object[];
}

let database: TestDatabase;
let api: Api;
let key: string;
let deleted: Deleted;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  key = api.app.get(AuditLogKey).verifierKey;
  deleted = await deletePatient();
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

async function deletePatient(): Promise<Deleted> {
  const patientId = await seedPatient(database, 2);
  const path = `/patients/${patientId}/deletions`;
  const asked = api.call('post', path, 'system-admin').set('X-Request-Id', `asked-${patientId}`);
  return (await asked.send(REQUEST).expect(201)).body as Deleted;
}

function certificateOf(
  { patientId, deletionId }: Pick<Deleted, 'patientId' | 'deletionId'>,
  headers: Record<string, string> = {},
): supertest.Test {
  return api
    .call('get', `/patients/${patientId}/deletions/${deletionId}/certificate`, 'auditor')
    .set(headers);
}

function asPdf(of: Deleted, headers: Record<string, string> = {}): supertest.Test {
  return certificateOf(of, { Accept: 'application/pdf', ...headers })
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        done(null, Buffer.concat(chunks));
      });
    });
}

/** Runs statements on one connection on which neither keys nor triggers but the append-only ones are in force. */
async function tamper(...statements: [sql: string, params?: unknown[]][]): Promise<void> {
  const session = await database.connect();
  await session.query('SET session_replication_role = replica');
  for (const [sql, params] of statements) await session.query(sql, params);
  await session.end();
}

describe('GET …/deletions/{deletionId}/certificate', () => {
  it('is a signed document that says what the deletion did, and that the patient has no live row now', async () => {
    const response = await certificateOf(deleted).expect(200);
    const { certificate, digest } = verifyCertificate(Buffer.from(response.text), key);
    const { auditEventId, ...answer } = deleted;
    expect(certificate).toMatchObject({
      deletionId: answer.deletionId,
      deletedAt: answer.deletedAt,
      shards: answer.shards,
      totalRows: 29,
      ...REQUEST,
      actorRole: 'system-admin',
      statement: { code: 'SOFT_DELETE_1' },
      log: { leaf: { auditEventId, purged: answer.shards } },
    });
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
    const contract = new Contract(documentOf(api.app));
    const { patientId, deletionId } = deleted;
    const target = `/api/v1/patients/${patientId}/deletions/${deletionId}/certificate`;
    const answers = [
      await certificateOf(deleted),
      await asPdf(deleted),
      await certificateOf(deleted, { Accept: 'text/html' }),
      await certificateOf({ patientId, deletionId: randomUUID() }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 406, 404]);
    for (const { status, headers, text } of answers)
      contract.check({ method: 'GET', target, status, headers: headers, text });
  });

  it('is a PDF with the same inside where that is asked for', async () => {
    const response = await asPdf(deleted, { 'Accept-Language': 'tr-TR,tr;q=0.9,en;q=0.8' }).expect(200);
    const pdf = response.body as Buffer;
    const { certificate, format } = verifyCertificate(pdf, key);
    expect({ format, shards: certificate.shards }).toEqual({ format: 'PDF', shards: deleted.shards });
    const sha256 = createHash('sha256').update(pdf).digest('base64');
    expect(response.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-language': 'tr',
      'content-disposition': `attachment; filename=silgi-deletion-${deleted.deletionId}.pdf`,
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
    const { headers } = await asPdf(deleted, { 'Accept-Language': accepted }).expect(200);
    expect(headers['content-language']).toBe(language);
  });

  it.each([
    ['*/*', /^application\/json/],
    ['application/*', /^application\/json/],
    ['application/pdf;q=0.2, application/json', /^application\/json/],
    ['text/html, application/pdf;q=0.5', /^application\/pdf/],
  ])('answers Accept: %s in that form', async (Accept, type) => {
    const { headers } = await asPdf(deleted, { Accept }).expect(200);
    expect(headers['content-type']).toMatch(type);
  });

  it.each(['text/html', 'application/xml, image/*', 'application/json;q=0'])('has no %s', async (Accept) => {
    const response = await certificateOf(deleted, { Accept });
    expectProblem(response, 406, 'NOT_ACCEPTABLE');
    expect(response.headers['vary']).toContain('Accept');
  });

  it('knows no deletion but the patient’s own', async () => {
    const other = await deletePatient();
    const wrong = [
      { ...deleted, deletionId: randomUUID() },
      { ...deleted, patientId: randomUUID() },
      { patientId: deleted.patientId, deletionId: other.deletionId },
    ];
    for (const of of wrong) expectProblem(await certificateOf(of), 404, 'DELETION_NOT_FOUND');
  });

  it('holds nothing personal: no patient, no name, no requester, no request', async () => {
    const json = (await certificateOf(deleted).expect(200)).text;
    const pdf = (await asPdf(deleted).expect(200)).body as Buffer;
    const { text: pages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), {
      mergePages: true,
    });
    expect(pages).toContain(deleted.deletionId);
    for (const text of [json, pages, pdf.toString('latin1')])
      for (const secret of [
        deleted.patientId,
        SUBJECT,
        `asked-${deleted.patientId}`,
        'Işıl',
        'Yıldız',
        'H-1"',
      ])
        expect(text).not.toContain(secret);
  });
});

describe('a certificate is refused', () => {
  it.each(PATIENT_TABLES)('while a row in %s is live', async (table) => {
    const { patientId } = deleted;
    const row = `ctid = (SELECT min(ctid) FROM ${table} WHERE patient_id = $1)`;
    await tamper([`UPDATE ${table} SET is_deleted = false WHERE ${row}`, [patientId]]);
    const response = await certificateOf(deleted);
    expectProblem(response, 409, 'LIVE_ROWS_FOUND');
    expect((response.body as { detail: string }).detail).toContain(`(${table}: 1)`);
    await tamper([`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [patientId]]);
    await certificateOf(deleted).expect(200);
  });

  it.each([
    ['was undone by a restoration', `state = 'RESTORED'`],
    [
      'was claimed and never completed',
      `state = 'CLAIMED', deleted_at = null, shards = null, audit_event_id = null`,
    ],
    ['counts differ', `shards = jsonb_set(shards, '{0,resources,0,rows}', '2'), total_rows = 30`],
    ['totalRows is not', 'total_rows = 28'],
    ['reason differs', `reason = 'COURT_ORDER'`],
    ['deletedAt differs', `deleted_at = deleted_at + interval '1 day', requested_at = requested_at`],
    ['requestedAt|times', `requested_at = requested_at + interval '1 day'`],
    ['is not in the audit log', `audit_event_id = gen_random_uuid()`],
  ])('where of the record one must say: %s', async (why, change) => {
    const of = await deletePatient();
    await tamper([
      `UPDATE patient.sharded_patient_deletion SET ${change} WHERE deletion_id = $1`,
      [of.deletionId],
    ]);
    const response = await certificateOf(of);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toMatch(new RegExp(why));
  });

  it('where the record names the event of another deletion', async () => {
    const [of, other] = [await deletePatient(), await deletePatient()];
    const sql = 'UPDATE patient.sharded_patient_deletion SET audit_event_id = $1 WHERE deletion_id = $2';
    await tamper([sql, [other.auditEventId, of.deletionId]]);
    const response = await certificateOf(of);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toContain('deletionId differs');
  });

  it('where record and sealed event were both changed to fit each other', async () => {
    const of = await deletePatient();
    await certificateOf(of).expect(200);
    const trigger = (verb: string): [string] => [
      `ALTER TABLE audit.sharded_audit_event ${verb} TRIGGER append_only`,
    ];
    await tamper(
      trigger('DISABLE'),
      [
        `UPDATE audit.sharded_audit_event SET reason = 'COURT_ORDER' WHERE audit_event_id = $1`,
        [of.auditEventId],
      ],
      trigger('ENABLE ALWAYS'),
      [
        `UPDATE patient.sharded_patient_deletion SET reason = 'COURT_ORDER' WHERE deletion_id = $1`,
        [of.deletionId],
      ],
    );
    expectProblem(await certificateOf(of), 500, 'AUDIT_LOG_DAMAGED');
    await tamper(
      trigger('DISABLE'),
      [
        `UPDATE audit.sharded_audit_event SET reason = $2 WHERE audit_event_id = $1`,
        [of.auditEventId, REQUEST.reason],
      ],
      trigger('ENABLE ALWAYS'),
    );
  });

  it('until its event is sealed, and says when to ask again', async () => {
    await database.query('REVOKE INSERT ON audit.audit_log_leaf FROM silgi_service');
    const of = await deletePatient();
    const response = await certificateOf(of);
    expectProblem(response, 503, 'AUDIT_EVENT_NOT_SEALED');
    expect(response.headers['retry-after']).toBe('5');
    await database.query('GRANT INSERT ON audit.audit_log_leaf TO silgi_service');
    await certificateOf(of).expect(200);
  });
});

describe('a deletion from before the log was sealed', () => {
  it('gets its certificate all the same; it says that the role was not kept then', async () => {
    const [patientId, deletionId, auditEventId] = [
      await seedPatient(database, 1),
      randomUUID(),
      randomUUID(),
    ];
    const shards = [
      { shard: 'clinical', resources: [{ resourceType: 'Diagnosis', table: 'sharded_tani', rows: 1 }] },
    ];
    await tamper(
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
    const { text } = await certificateOf({ patientId, deletionId }).expect(200);
    expect(verifyCertificate(Buffer.from(text), key).certificate).toMatchObject({
      deletionId,
      actorRole: null,
      deletedAt: '2025-01-01T10:00:00.000Z',
      totalRows: 1,
    });
  });
});

describe('npx silgi verify-certificate', () => {
  let folder: string;
  let json: string;
  let text: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    json = join(folder, 'certificate.json');
    ({ text } = await certificateOf(deleted).expect(200));
    await writeFile(json, text);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** The command in a process of its own, without a database to find. */
  async function verify(...args: string[]) {
    const command = new ProductProcess(['cli/main.ts', 'verify-certificate', ...args], { DATA_DIR: folder });
    const code = await command.ends();
    return { code, stdout: command.stdout, stderr: command.stderr };
  }

  /** The command in this process. */
  async function run(...args: string[]): Promise<string> {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await verifyCertificateCommand().exitOverride().parseAsync(args, { from: 'user' });
      return write.mock.calls.map(([line]) => String(line)).join('');
    } finally {
      write.mockRestore();
    }
  }

  it('tells the genuine from the changed by its exit code', async () => {
    const changed = join(folder, 'changed.json');
    await writeFile(changed, text.replace('"totalRows":29', '"totalRows":28'));
    const [genuine, refused] = await Promise.all([verify(json, '--key', key), verify(changed, '--key', key)]);
    expect(genuine).toMatchObject({ code: 0, stderr: '' });
    expect(genuine.stdout).toMatch(/^GENUINE: this is a deletion certificate/);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^REFUSED\. The signature does not fit/);
  });

  it('sums up what is certain, from the JSON and from the PDF', async () => {
    const [pdf, keyFile] = [join(folder, 'certificate.pdf'), join(folder, 'key')];
    await writeFile(pdf, (await asPdf(deleted).expect(200)).body as Buffer);
    await writeFile(keyFile, `${key}\n`);
    const { log, subject } = JSON.parse(text) as Certificate;
    const summary = await run(json, '--key', key);
    for (const part of [
      deleted.deletionId,
      subject,
      'clinical.sharded_tani',
      'Soft delete is not erasure',
      `${key} (from --key)`,
      `leaf ${log.leafIndex} of ${log.treeSize}`,
      createHash('sha256').update(text).digest('hex'),
    ])
      expect(summary).toContain(part);
    expect(await run(pdf, '--key-file', keyFile)).toMatch(/^GENUINE: this PDF is/);
  });

  it('takes the key of this installation where none is given, and refuses where there is none', async () => {
    const { DATA_DIR } = process.env;
    try {
      process.env['DATA_DIR'] = folder;
      await expect(run(json)).rejects.toMatchObject({ exitCode: 2 });
      const own = await AuditLogKey.open(readEnvironment().auditLog);
      await expect(run(json)).rejects.toMatchObject({ exitCode: 1 });
      const other = join(folder, 'other.json');
      await writeFile(other, signDraft(exampleDraft(own.signer), own.signer));
      expect(await run(other)).toContain(`${own.verifierKey} (from this installation)`);
    } finally {
      if (DATA_DIR === undefined) delete process.env['DATA_DIR'];
      else process.env['DATA_DIR'] = DATA_DIR;
    }
  });

  it.each([
    ['a forged key', 1, /^REFUSED/, () => [json, '--key', newSigner().verifierKey]],
    [
      'no such file',
      2,
      /none\.json cannot be read \(ENOENT\)/,
      () => [join(folder, 'none.json'), '--key', key],
    ],
    ['a folder', 2, /cannot be read \(EISDIR\)/, () => [folder, '--key', key]],
    ['a malformed key', 2, /verifier key/, () => [json, '--key', 'none']],
    ['no such key file', 2, /cannot be read/, () => [json, '--key-file', join(folder, 'none')]],
    ['two keys', 2, /not both/, () => [json, '--key', key, '--key-file', json]],
  ])('refuses %s', async (_, exitCode, message, args) => {
    const failure = await run(...args()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode });
    expect((failure as Error).message).toMatch(message);
  });
});
