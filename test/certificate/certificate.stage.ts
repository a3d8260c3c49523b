import type supertest from 'supertest';
import { AuditLogKey } from '../../src/transparency-log/index.js';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';

/** A deletion as the API answers it. */
export interface Deleted {
  readonly patientId: string;
  readonly deletionId: string;
  readonly auditEventId: string;
  readonly deletedAt: string;
  readonly shards: object[];
}

/** The service, with a deletion to certify. */
export class CertificateStage {
  private constructor(
    readonly database: TestDatabase,
    readonly api: Api,
    readonly deleted: Deleted,
  ) {}

  /** @param env variables of the environment */
  static async open(env: NodeJS.ProcessEnv = {}): Promise<CertificateStage> {
    const database = await createTestDatabase();
    const api = await openApi(database.url, { env });
    return new CertificateStage(database, api, await deletePatient(database, api));
  }

  /** The verifier key of the service. */
  get key(): string {
    return this.api.app.get(AuditLogKey).verifierKey;
  }

  /** One deletion more. */
  deletePatient(): Promise<Deleted> {
    return deletePatient(this.database, this.api);
  }

  /** Undoes a deletion. @returns its record */
  async restore({ patientId, deletionId }: Deleted): Promise<Record<string, string>> {
    const path = `/patients/${patientId}/deletions/${deletionId}/restoration`;
    const asked = this.api.call('post', path, 'privacy-officer').set('X-Request-Id', `restored-${patientId}`);
    return (await asked.send({ reason: 'DELETED_IN_ERROR' }).expect(200)).body as Record<string, string>;
  }

  certificateOf(
    { patientId, deletionId }: Pick<Deleted, 'patientId' | 'deletionId'>,
    headers: Record<string, string> = {},
  ): supertest.Test {
    return this.api
      .call('get', `/patients/${patientId}/deletions/${deletionId}/certificate`, 'auditor')
      .set(headers);
  }

  /** The certificate as a PDF, whose bytes are the body of the answer. */
  asPdf(of: Deleted, headers: Record<string, string> = {}): supertest.Test {
    return this.certificateOf(of, { Accept: 'application/pdf', ...headers })
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
  async tamper(...statements: [sql: string, params?: unknown[]][]): Promise<void> {
    const session = await this.database.connect();
    await session.query('SET session_replication_role = replica');
    for (const [sql, params] of statements) await session.query(sql, params);
    await session.end();
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.database.drop();
  }
}

async function deletePatient(database: TestDatabase, api: Api): Promise<Deleted> {
  const patientId = await seedPatient(database, 2);
  const path = `/patients/${patientId}/deletions`;
  const asked = api.call('post', path, 'system-admin').set('X-Request-Id', `asked-${patientId}`);
  return (await asked.send(REQUEST).expect(201)).body as Deleted;
}
