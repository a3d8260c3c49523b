import { expect } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import type supertest from 'supertest';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { auditEventsOf, digestOf, seedPatient } from '../support/patients.js';
import { hear } from './raw.socket.js';

/** The service with one patient, of whom no request of a suite may change a thing. */
export class UntouchedPatient {
  private constructor(
    readonly database: TestDatabase,
    readonly api: Api,
    private readonly patientId: string,
    private readonly before: string,
  ) {}

  static async open(): Promise<UntouchedPatient> {
    const database = await createTestDatabase();
    const api = await openApi(database.url);
    const patientId = await seedPatient(database, 1);
    return new UntouchedPatient(database, api, patientId, await digestOf(database, patientId));
  }

  /** The path of the patient's deletions, below `/api/v1`. */
  get deletions(): string {
    return `/patients/${this.patientId}/deletions`;
  }

  /** A deletion without its body. */
  remove(): supertest.Test {
    return this.api.call('post', this.deletions, 'system-admin').set('Content-Type', 'application/json');
  }

  /** Says one thing to the service on a connection of its own. @returns all that came back */
  hear(text: string): Promise<string> {
    const { port } = this.api.app.getHttpServer().address() as AddressInfo;
    return hear(port, text);
  }

  /** A deletion as text, with a body of the test's own; the connection ends after it. @returns all that came back */
  hearDeletion(body: string, more: readonly string[] = []): Promise<string> {
    const framed = more.some((line) => /^(?:Content-Length|Transfer-Encoding)/i.test(line));
    const lines = [
      `POST /api/v1${this.deletions} HTTP/1.1`,
      'Host: silgi',
      `Authorization: ${this.api.call('get', '/patients', 'system-admin').get('Authorization')}`,
      'Content-Type: application/json',
      ...(framed ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
      'Connection: close',
      ...more,
      '',
      body,
    ];
    return this.hear(lines.join('\r\n'));
  }

  async assertUntouched(): Promise<void> {
    expect(await digestOf(this.database, this.patientId)).toBe(this.before);
    expect(await auditEventsOf(this.database, this.patientId)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.database.drop();
  }
}
