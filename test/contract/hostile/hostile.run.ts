import { SignJWT } from 'jose';
import { randomBytes, randomUUID } from 'node:crypto';
import { developmentToken, ROLES } from '../../../src/auth/index.js';
import type { Environment } from '../../../src/config/index.js';
import { until } from '../../support/processes.js';
import { type Contract, type Received } from '../contract.js';
import type { Client } from './client.js';
import { type Patients, SECRETS } from './patients.js';
import type { Credential, HostileRequest } from './requests.js';

/** Calls that are meant to show a patient's name and record number. */
const SHOWING = new Set(['listPatients', 'getPatient']);
const MAX_KNOWN = 400;
const PARAMETERS = /\{(\w+)\}/g;
const NOBODY = '00000000-0000-7000-8000-000000000000';
const INNARDS =
  /node_modules|\bat \S+ \(|\/(?:src|dist)\/|\.[jt]s:\d|\b(?:SELECT|INSERT INTO|UPDATE) |pg_catalog|PG::|violates/;

/** Authorization headers by whose they are. */
export type Credentials = Readonly<Record<Exclude<Credential, 'none' | 'garbage'>, string>>;

/** Tokens of every role, and some that do not hold. */
export async function credentialsOf(environment: Environment): Promise<Credentials> {
  const bearer = async (roles: readonly (typeof ROLES)[number][], expiresIn = '2h') =>
    `Bearer ${await developmentToken(environment, { subject: 'hostile@hospital.example', roles, expiresIn })}`;
  const forged = await new SignJWT({ roles: ROLES })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('root')
    .setIssuer('silgi-development')
    .setAudience('silgi')
    .setExpirationTime('2h')
    .sign(randomBytes(32));
  return {
    everyone: await bearer(ROLES),
    'system-admin': await bearer(['system-admin']),
    'privacy-officer': await bearer(['privacy-officer']),
    auditor: await bearer(['auditor']),
    nobody: await bearer([]),
    expired: await bearer(ROLES, '-1h'),
    forged: `Bearer ${forged}`,
  };
}

/** Sends hostile requests, judges every answer, and remembers what was deleted. */
export class HostileRun {
  /** Answers by status. */
  readonly statuses = new Map<string, number>();
  /** Answers by call and status. */
  readonly calls = new Map<string, number>();
  /** Every deletion that was answered with 201, as `patient deletion`. */
  readonly deleted = new Set<string>();
  /** Those of them whose restoration was answered with 200. */
  readonly restored = new Set<string>();
  sent = 0;
  /** Objects with ids that an answer has told, or the seed. */
  private readonly known: Record<string, string>[];

  constructor(
    private readonly client: Client,
    private readonly contract: Contract,
    private readonly patients: Patients,
    private readonly credentials: Credentials,
  ) {
    this.known = patients.ids.map((patientId) => ({ patientId }));
  }

  /** Deletes some patients in good order, so that there is something to ask for. @throws Error as {@link try} does */
  async begin(count: number): Promise<void> {
    const body = Buffer.from(JSON.stringify({ reason: 'COURT_ORDER', legalBasis: 'KVKK_ART_7' }));
    for (const id of this.patients.ids.slice(0, count)) {
      const target = `/api/v1/patients/${id}/deletions`;
      const headers = { 'Content-Type': 'application/json', Authorization: this.credentials.everyone };
      this.learn(await this.client.send('POST', target, headers, body), 'deletePatient');
      const [deletionId = ''] = [...this.deleted].map((deletion) => deletion.split(' ')[1] ?? '').slice(-1);
      const certificate = `${target}/${deletionId}/certificate`;
      await until(async () => (await this.client.send('GET', certificate, headers)).status === 200);
    }
    await this.beginBatches();
    await this.beginWithOnePatient(count);
    await this.beginReadings();
  }

  /** Has one patient held and released, his requests answered, and him deleted and restored, in good order, and one fail who cannot be deleted. */
  private async beginWithOnePatient(at: number): Promise<void> {
    const path = `/api/v1/patients/${this.patients.ids[at] ?? ''}`;
    const ask = async (target: string, name: string, body: object) => {
      const headers = { 'Content-Type': 'application/json', Authorization: this.credentials.everyone };
      const received = await this.client.send('POST', target, headers, Buffer.from(JSON.stringify(body)));
      count(this.statuses, String(received.status));
      count(this.calls, `${name} ${received.status}`);
      this.contract.check(received);
      this.assertDeliberate(received, target);
      this.learn(received, name);
      return JSON.parse(received.text) as { holdId?: string; deletionId?: string; requestId?: string };
    };
    const deletion = { reason: 'COURT_ORDER', legalBasis: 'KVKK_ART_7' };
    const hold = { ground: 'REGULATOR', reference: '7/26' };
    const { holdId = '' } = await ask(`${path}/legal-holds`, 'placeLegalHold', hold);
    await ask(`${path}/legal-holds/${holdId}/release`, 'releaseLegalHold', { ground: 'PERIOD_OVER' });
    const REQUESTS = '/api/v1/erasure-requests';
    // Where days begin earlier than here it has begun there as well.
    const TODAY = new Date().toISOString().slice(0, 10);
    const received = { patientId: this.patients.ids[at], receivedOn: TODAY, channel: 'KEP' };
    const { requestId = '' } = await ask(REQUESTS, 'recordErasureRequest', received);
    await ask(`${REQUESTS}/${requestId}/extension`, 'extendErasureRequest', { reason: 'COMPLEXITY' });
    await ask(`${REQUESTS}/${requestId}/refusal`, 'refuseErasureRequest', { ground: 'KVKK_ART_28_1_CC' });
    const again = await ask(REQUESTS, 'recordErasureRequest', received);
    await ask(`${REQUESTS}/${again.requestId ?? ''}/withdrawal`, 'withdrawErasureRequest', {});
    const { deletionId = '' } = await ask(`${path}/deletions`, 'deletePatient', deletion);
    await ask(`${path}/deletions/${deletionId}/restoration`, 'restorePatient', { reason: 'OTHER_LAW' });
    const [failing = ''] = this.patients.failing;
    await ask(`/api/v1/patients/${failing}/deletions`, 'deletePatient', deletion);
  }

  /**
   * Asks every question of the document in good order until it is answered: chance would meet those that few
   * objects have an answer to in most runs, and not in all.
   *
   * @throws Error that names a question that no known object answers
   */
  private async beginReadings(): Promise<void> {
    const headers = { Authorization: this.credentials.everyone };
    const questions = this.contract.routes.filter(({ method }) => method === 'get');
    for (const { path, operation } of questions) {
      const required = operation.parameters?.filter(
        (parameter) => parameter.required && parameter.in === 'query',
      );
      const query = required?.map(({ name, schema }) => `${name}=${schema.minimum ?? 0}`).join('&') ?? '';
      const statuses: number[] = [];
      for (const ids of this.fitting(path)) {
        const received = await this.client.send('GET', `${pathWith(path, ids)}?${query}`, headers);
        this.contract.check(received);
        count(this.calls, `${operation.operationId} ${received.status}`);
        statuses.push(received.status);
        if (received.status === 200) break;
      }
      if (!statuses.includes(200))
        throw new Error(`${operation.operationId} was answered ${statuses.join(', ')} by what is known.`);
    }
  }

  /** Makes batches of nobody in good order, one for each thing that can be done with one. */
  private async beginBatches(): Promise<void> {
    const base = '/api/v1/deletion-batches';
    const headers = { 'Content-Type': 'application/json', Authorization: this.credentials.everyone };
    const make = async (lines: number, dryRun: boolean) => {
      const patientIds = Array.from({ length: lines }, () => randomUUID());
      const request = { patientIds, dryRun, reason: 'COURT_ORDER', legalBasis: 'KVKK_ART_7' };
      const made = await this.client.send('POST', base, headers, Buffer.from(JSON.stringify(request)));
      this.contract.check(made);
      count(this.calls, `createDeletionBatch ${made.status}`);
      this.learn(made, 'createDeletionBatch');
      return `${base}/${(JSON.parse(made.text) as { batchId: string }).batchId}`;
    };
    const turn = async (batch: string, how: string, name = `${how}DeletionBatch`) => {
      const turned = await this.client.send('POST', `${batch}/${how}`, {
        Authorization: headers.Authorization,
      });
      this.contract.check(turned);
      count(this.calls, `${name} ${turned.status}`);
    };
    const dryRun = await make(1, true);
    await until(async () => (await this.client.send('GET', dryRun, headers)).text.includes('"COMPLETED"'));
    await turn(dryRun, 'execution', 'executeDeletionBatch');
    const long = await make(4_000, false);
    for (const how of ['pause', 'resume', 'retry', 'cancel']) await turn(long, how);
  }

  /** @throws Error that says what is wrong with the answer, and what had been asked */
  async try(hostile: HostileRequest): Promise<void> {
    try {
      await this.judge(hostile);
    } catch (error) {
      const { method, credential, headers, body } = hostile;
      const asked = JSON.stringify({
        method,
        credential,
        headers,
        body: body?.toString('latin1').slice(0, 300),
      });
      throw new Error(`${(error as Error).message}\nIt had been asked: ${asked}`, { cause: error });
    }
  }

  private async judge(hostile: HostileRequest): Promise<void> {
    const target = this.targetOf(hostile);
    const headers = { ...hostile.headers, ...this.authorizationOf(hostile) };
    const received = await this.client.send(hostile.method, target, headers, hostile.body);
    this.sent += 1;
    const route = this.contract.routeOf(hostile.method, target.replace(/\?.*$/s, ''));
    const name = route?.operation.operationId ?? '(no route)';
    count(this.statuses, String(received.status));
    count(this.calls, `${name} ${received.status}`);
    this.contract.check(received);
    this.assertDeliberate(received, target);
    assertDiscreet(received, name);
    this.learn(received, name);
  }

  private targetOf({ route, known, instead, tail, query }: HostileRequest): string {
    const fitting = this.fitting(route.path);
    const path = pathWith(route.path, { ...fitting[known % Math.max(fitting.length, 1)], ...instead });
    return `${path}${tail}${query.length === 0 ? '' : '?'}${query.join('&')}`;
  }

  /** Known objects that have every id of a path. */
  private fitting(path: string): Record<string, string>[] {
    const names = [...path.matchAll(PARAMETERS)].map(([, name]) => name ?? '');
    return this.known.filter((object) => names.every((name) => name in object));
  }

  private authorizationOf({ credential, garbage }: HostileRequest): Record<string, string> {
    if (credential === 'none') return {};
    if (credential !== 'garbage') return { Authorization: this.credentials[credential] };
    return { Authorization: `Bearer ${garbage.replace(/[^\x20-\x7e]/g, '')}` };
  }

  /** The only failures are those of patients whose rows a trigger defends. */
  private assertDeliberate({ status, text, method }: Received, target: string): void {
    if (status < 500) return;
    const isDefended = [...this.patients.failing].some((id) => target.toLowerCase().includes(id));
    const { code } = JSON.parse(text) as { code?: string };
    if (method === 'POST' && isDefended && status === 500 && code === 'SHARD_FAILED') return;
    throw new Error(`${method} ${target} answered ${status}, which nobody had in mind: ${text}`);
  }

  /** Later requests ask for what earlier answers have told of. */
  private learn({ status, headers, text }: Received, name: string): void {
    if (!String(headers['content-type']).startsWith('application/json') || text === '') return;
    const body = JSON.parse(text) as Record<string, unknown>;
    if (name === 'deletePatient' && status === 201)
      this.deleted.add(`${String(body['patientId'])} ${String(body['deletionId'])}`);
    if (name === 'restorePatient' && status === 200)
      this.restored.add(`${String(body['patientId'])} ${String(body['deletionId'])}`);
    for (const object of [body, ...(Array.isArray(body['items']) ? (body['items'] as object[]) : [])]) {
      const ids = Object.entries(object).filter(
        ([key, value]) => /Id$/.test(key) && typeof value === 'string',
      );
      if (ids.length < 2) continue;
      this.known.push(Object.fromEntries(ids));
      if (this.known.length > MAX_KNOWN + this.patients.ids.length)
        this.known.splice(this.patients.ids.length, MAX_KNOWN / 2);
    }
  }
}

/** A path of the document with its parameters filled in; with an id of nobody where there is none. */
function pathWith(path: string, ids: Readonly<Record<string, string>>): string {
  return path.replace(PARAMETERS, (_, name: string) => ids[name] ?? NOBODY);
}

/** @throws Error where an answer shows what it may not: a patient, or how the service is made */
function assertDiscreet({ method, status, text, target, headers }: Received, name: string): void {
  const shows = SHOWING.has(name) && status === 200;
  const all = shows ? JSON.stringify(headers) : `${JSON.stringify(headers)} ${text}`;
  const secret = SECRETS.find((word) => all.includes(word));
  const innards = INNARDS.exec(all)?.[0];
  if (secret !== undefined || innards !== undefined)
    throw new Error(`${method} ${target} answered ${status} and told ${secret ?? innards ?? ''}: ${all}`);
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
