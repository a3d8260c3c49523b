import { createHash } from 'node:crypto';
import type { Arena } from './arena.js';
import type { AnswerLine, CallLine, Outcome, Rows } from './history.js';
import type { ServiceProcess } from './service.process.js';

/** Longer than the service looks for the outcome of a commit (RELIABILITY rule 11). */
const PATIENCE_MS = 120_000;

/** The body of a request to delete. */
export interface DeletionBody {
  readonly reason: string;
  readonly legalBasis: string;
  readonly previewDigest?: string;
}

/** What a client makes of an answer. */
export type Answer = Omit<AnswerLine, 'kind' | 'request'>;

/** Calls the service in one actor's name, and writes down every request and what became of it. */
export class ApiCalls {
  private count = 0;

  constructor(
    private readonly arena: Pick<Arena, 'history' | 'token'>,
    private readonly actor: string,
  ) {}

  async delete(service: ServiceProcess, patient: string, body: DeletionBody, key?: string): Promise<Answer> {
    const { previewDigest: digest } = body;
    const named = {
      asked: JSON.stringify(body),
      ...(key !== undefined && { key }),
      ...(digest !== undefined && { digest }),
    };
    const headers = key === undefined ? {} : { 'Idempotency-Key': key };
    return this.call(service, 'delete', patient, named, { path: '/deletions', body, headers });
  }

  async restore(service: ServiceProcess, patient: string, deletionId: string, key: string): Promise<Answer> {
    const path = `/deletions/${deletionId}/restoration`;
    const sent = { path, body: { reason: 'DELETED_IN_ERROR' }, headers: { 'Idempotency-Key': key } };
    return this.call(service, 'restore', patient, { key, asked: path, deletionId }, sent);
  }

  async preview(service: ServiceProcess, patient: string): Promise<Answer> {
    return this.call(service, 'preview', patient, {}, { path: '/deletion-preview', body: {} });
  }

  async read(service: ServiceProcess, patient: string): Promise<Answer> {
    return this.call(service, 'read', patient, {}, { path: '' });
  }

  private async call(
    service: ServiceProcess,
    call: CallLine['call'],
    patient: string,
    named: Partial<CallLine>,
    sent: { path: string; body?: object; headers?: Record<string, string> },
  ): Promise<Answer> {
    const { history, token } = this.arena;
    const { actor } = this;
    const request = `${actor}.${this.count++}`;
    history.append({ kind: 'call', request, actor, service: service.number, call, patient, ...named });
    const answer = await fetch(`${service.url}/api/v1/patients/${patient}${sent.path}`, {
      method: sent.body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'X-Request-Id': request,
        ...(sent.body !== undefined && { 'Content-Type': 'application/json' }),
        ...sent.headers,
      },
      ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
      .then(async (response) => answerOf(response, await response.text()))
      .catch(brokenAnswer);
    history.append({ kind: 'answer', request, ...answer });
    return answer;
  }
}

/** Whether asking again could bring another answer to the same question. */
export function isDefinite({ status, code }: Answer): boolean {
  if (status === undefined || status === 202 || status >= 500) return false;
  return code !== 'REQUEST_IN_PROGRESS';
}

interface AnswerBody {
  readonly code?: string;
  readonly detail?: string;
  readonly deletionId?: string;
  readonly deletion?: string | null;
  readonly digest?: string;
  readonly totalRows?: number;
  readonly auditEventId?: string;
  readonly state?: string;
  readonly restorationEventId?: string;
  readonly refusal?: string;
  readonly phase?: string;
  readonly shard?: string;
  readonly table?: string;
  readonly shards?: readonly {
    readonly shard: string;
    readonly resources: readonly { readonly table: string; readonly rows: number }[];
  }[];
}

function answerOf({ status, headers }: Response, text: string): Answer {
  const body = JSON.parse(text) as AnswerBody;
  if (status === 201 || body.state === 'RESTORED') {
    const { deletionId = '', totalRows = NaN, auditEventId = '', shards = [], restorationEventId } = body;
    return {
      ...(restorationEventId !== undefined && { restorationEventId }),
      outcome: 'ok',
      status,
      deletionId,
      totalRows,
      auditEventId,
      rows: rowsOf(shards),
      replayed: headers.get('Idempotency-Replayed') === 'true',
      body: createHash('sha256').update(text).digest('hex'),
    };
  }
  const outcome: Outcome = status === 202 ? 'info' : status === 200 ? 'ok' : 'fail';
  const deletionId = body.deletionId ?? body.deletion?.split('/').at(-1);
  const { code, digest, refusal, detail, phase, shard, table } = body;
  return {
    outcome,
    status,
    ...(code !== undefined && { code }),
    ...(deletionId !== undefined && { deletionId }),
    ...(digest !== undefined && { digest }),
    ...(refusal !== undefined && { refusal }),
    ...(shard !== undefined && table !== undefined && { table: `${shard}.${table}` }),
    ...(status >= 500 && { error: [phase, detail].filter((part) => part !== undefined).join(': ') }),
  };
}

function rowsOf(shards: NonNullable<AnswerBody['shards']>): Rows {
  const rows: Record<string, number> = {};
  for (const { shard, resources } of shards) {
    for (const { table, rows: count } of resources) if (count !== 0) rows[`${shard}.${table}`] = count;
  }
  return rows;
}

/** The connection broke: whether the request had reached the service is known only where none was made at all. */
function brokenAnswer(error: unknown): Answer {
  const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
  return { outcome: cause === 'ECONNREFUSED' ? 'fail' : 'info', error: cause };
}
