import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Api, openApi, REQUEST } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { Collector, type Span } from './collector.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

async function remove(api: Api, patientId: string, requestId: string, headers: object = {}) {
  return api
    .call('post', `/patients/${patientId}/deletions`, 'system-admin')
    .set({ 'X-Request-Id': requestId, ...headers })
    .send(REQUEST);
}

/** A trigger that fails the first so many updates of a table of finance. */
async function failUpdates(sqlstate: string): Promise<void> {
  await database.query(`
    CREATE SEQUENCE finance.failed; GRANT USAGE ON SEQUENCE finance.failed TO PUBLIC;
    CREATE FUNCTION finance.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('finance.failed') = 1 THEN RAISE EXCEPTION 'no: %', NEW.patient_id USING ERRCODE = '${sqlstate}'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON finance.sharded_fatura FOR EACH ROW EXECUTE FUNCTION finance.refuse()`);
}

async function failNoMore(): Promise<void> {
  await database.query('DROP FUNCTION finance.refuse() CASCADE; DROP SEQUENCE finance.failed');
}

/** What a span of work on the database says of it. */
function whereabouts(): object {
  const { hostname, port, pathname } = new URL(database.url);
  return {
    'db.system.name': 'postgresql',
    'db.namespace': pathname.slice(1),
    'server.address': hostname,
    'server.port': Number(port),
  };
}

const names = (spans: readonly Span[]) => spans.map(({ name }) => name);

/** Phases and shards in their order, with their steps. */
const PREPARE = [
  ['PREPARE patient', ['connect', 'begin', 'claim', 'lock', 'vote patient', 'vote catalogue']],
  ['PREPARE clinical', ['vote clinical']],
  ['PREPARE finance', ['vote finance']],
  ['PREPARE audit', ['vote audit']],
];
const WHOLE = [
  ...PREPARE,
  ['EXECUTE clinical', ['mark clinical']],
  ['EXECUTE finance', ['mark finance']],
  ['EXECUTE patient', ['mark patient', 'guard demographics', 'rescan', 'record', 'compare counts']],
  ['EXECUTE audit', ['audit']],
  ['COMMIT patient', ['commit']],
];

describe('with a collector', () => {
  let collector: Collector;
  let api: Api;
  const tree = (root: Span) =>
    collector.childrenOf(root).map((phase) => [phase.name, names(collector.childrenOf(phase))]);
  /** Spans are sent in batches, every five seconds: a stop sends them at once. */
  const deliver = async () => {
    await api.close();
  };
  const sent = {
    success: randomUUID(),
    veto: randomUUID(),
    failure: randomUUID(),
    retry: randomUUID(),
    parent: randomUUID(),
    unsampled: randomUUID(),
    unknown: randomUUID(),
  };
  const answers = new Map<string, { status: number; body: { deletionId?: string } }>();
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const PARENT = '00f067aa0ba902b7';

  beforeAll(async () => {
    collector = await Collector.start();
    api = await openApi(database.url, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    const note = async (id: string, answer: ReturnType<typeof remove>) => {
      const response = await answer;
      answers.set(id, { status: response.status, body: response.body as { deletionId?: string } });
    };
    await note(sent.success, remove(api, await seedPatient(database, 1), sent.success));
    const held = await seedPatient(database, 1);
    await database.query(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, gen_random_uuid(), 'LITIGATION', 'dpo', now())`,
      [held],
    );
    await note(sent.veto, remove(api, held, sent.veto));
    await failUpdates('23514');
    await note(sent.failure, remove(api, await seedPatient(database, 1), sent.failure));
    await failNoMore();
    await failUpdates('40001');
    await note(sent.retry, remove(api, await seedPatient(database, 1), sent.retry));
    await failNoMore();
    const caller = (flags: string) => ({ traceparent: `00-${TRACE}-${PARENT}-${flags}` });
    await note(sent.parent, remove(api, await seedPatient(database, 1), sent.parent, caller('01')));
    await note(sent.unsampled, remove(api, await seedPatient(database, 1), sent.unsampled, caller('00')));
    await note(sent.unknown, remove(api, randomUUID(), sent.unknown, { traceparent: '00-zz-01' }));
    await deliver();
  });

  afterAll(async () => {
    await collector.close();
  });

  it('a deletion is one trace, with a span for each phase of each shard and each step below it', () => {
    const root = collector.root('deletion', sent.success);
    expect(answers.get(sent.success)?.status).toBe(201);
    expect(root.parentSpanId).toBeUndefined();
    expect(root).toMatchObject({ status: 0, events: [] });
    expect(root.attributes).toEqual({
      'silgi.act': 'deletion',
      'silgi.deletion.id': answers.get(sent.success)?.body.deletionId,
      'silgi.request.id': sent.success,
      'silgi.outcome': 'DELETED',
      'silgi.attempts': 1,
    });
    expect(tree(root)).toEqual(WHOLE);
    const phases = collector.childrenOf(root);
    expect(phases.map(({ attributes }) => attributes)).toContainEqual({
      'silgi.phase': 'EXECUTE',
      'silgi.shard': 'finance',
      'silgi.attempt': 1,
    });
    const marked = phases.flatMap((phase) => collector.childrenOf(phase));
    expect(marked.map(({ attributes }) => attributes)).toContainEqual({
      'silgi.phase': 'EXECUTE',
      'silgi.shard': 'finance',
      'silgi.step': 'mark finance',
      ...whereabouts(),
    });
  });

  it('no span ends before its children, or before it began', () => {
    expect(collector.spans.length).toBeGreaterThan(100);
    for (const span of collector.spans) {
      expect(span.end >= span.start).toBe(true);
      for (const child of collector.childrenOf(span)) {
        // Another run that continues the trace, such as the record of a failed attempt, comes after.
        if (child.attributes['silgi.act'] !== undefined) continue;
        expect([child.name, child.start >= span.start, child.end <= span.end]).toEqual([
          child.name,
          true,
          true,
        ]);
      }
    }
  });

  it('a veto ends it after Prepare, with its code, and is no error of the service', () => {
    const root = collector.root('deletion', sent.veto);
    expect(answers.get(sent.veto)?.status).toBe(409);
    expect(tree(root).filter(([name]) => name !== 'failure record')).toEqual(PREPARE);
    expect(root.attributes).toMatchObject({
      'silgi.outcome': 'DELETION_VETOED',
      'silgi.code': 'DELETION_VETOED',
    });
    expect(root.status).toBe(0);
    expect(root.events).toEqual([
      { name: 'veto', attributes: { 'silgi.shard': 'patient', 'silgi.code': 'LEGAL_HOLD' } },
    ]);
  });

  it('a shard that fails is named on every span up to the deletion, and what is recorded of it belongs to it', () => {
    const root = collector.root('deletion', sent.failure);
    expect(answers.get(sent.failure)?.status).toBe(500);
    expect(root.status).toBe(2);
    expect(root.attributes).toMatchObject({
      'silgi.outcome': 'SHARD_FAILED',
      'silgi.code': 'SHARD_FAILED',
      'error.type': 'SHARD_FAILED',
      'silgi.failed.phase': 'EXECUTE',
      'silgi.failed.shard': 'finance',
      'silgi.failed.step': 'mark finance',
      'silgi.failed.table': 'sharded_fatura',
    });
    const failed = collector.spans.filter((span) => span.traceId === root.traceId && span.status === 2);
    expect(new Set(names(failed))).toEqual(new Set(['deletion', 'EXECUTE finance', 'mark finance']));
    const record = collector.root('failure record', sent.failure);
    expect(record).toMatchObject({ traceId: root.traceId, parentSpanId: root.spanId, status: 0 });
    expect(record.attributes).toMatchObject({
      'silgi.outcome': 'DONE',
      'silgi.deletion.id': root.attributes['silgi.deletion.id'],
    });
    expect(names(collector.childrenOf(record))).toEqual([
      'PREPARE patient',
      'COMMIT audit',
      'COMMIT patient',
    ]);
  });

  it('a retry shows both attempts', () => {
    const root = collector.root('deletion', sent.retry);
    expect(answers.get(sent.retry)?.status).toBe(201);
    expect(root.attributes).toMatchObject({ 'silgi.outcome': 'DELETED', 'silgi.attempts': 2 });
    expect(root.events).toEqual([{ name: 'retry', attributes: { 'silgi.attempt': 2 } }]);
    const phases = collector.childrenOf(root);
    const of = (attempt: number) => phases.filter((span) => span.attributes['silgi.attempt'] === attempt);
    // What stands behind the step that failed was asked with it, and skipped by the server.
    expect(names(of(1))).toEqual(WHOLE.map(([name]) => name).slice(0, -1));
    const [, ...later] = of(1).slice(of(1).findIndex(({ name }) => name === 'EXECUTE finance'));
    expect(later.flatMap((phase) => collector.childrenOf(phase)).map(({ attributes }) => attributes)).toEqual(
      Array.from({ length: 5 }, () => expect.objectContaining({ 'silgi.skipped': true })),
    );
    expect(names(of(2))).toEqual(WHOLE.map(([name]) => name));
    expect(of(1).find(({ name }) => name === 'EXECUTE finance')).toMatchObject({
      status: 2,
      attributes: { 'silgi.code': 'SHARD_UNAVAILABLE' },
    });
  });

  it('belongs to the trace of its caller, who also decides whether it is kept', () => {
    expect(collector.root('deletion', sent.parent)).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(answers.get(sent.unsampled)?.status).toBe(201);
    expect(collector.spans.filter((span) => span.attributes['silgi.request.id'] === sent.unsampled)).toEqual(
      [],
    );
    const root = collector.root('deletion', sent.unknown);
    expect(root.parentSpanId).toBeUndefined();
    expect(root.attributes['silgi.outcome']).toBe('PATIENT_NOT_FOUND');
  });

  it('says who sends it, at the usual address, and nothing of a patient or of the machine', () => {
    expect(collector.resource).toMatchObject({ 'service.name': 'silgi' });
    expect(
      Object.keys(collector.resource).filter(
        (key) => !/^(service\.(name|version)|telemetry\.sdk\.)/.test(key),
      ),
    ).toEqual([]);
    expect(collector.headers[0]).toMatchObject({ path: '/v1/traces', 'content-type': 'application/json' });
    for (const body of collector.bodies) {
      expect(body).not.toMatch(/I[sş][ıi]l|Y[ıi]ld[ıi]z|H-1"|1980-05-17|postgres:|SELECT|Bearer|admin@/i);
    }
  });
});
