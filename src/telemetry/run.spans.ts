import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { sqlstateOf } from '../common/index.js';
import { DeletionVetoed, DestructionRefused, RestorationRefused } from '../orchestrator/index.js';
import { ActionFailed, type Resolution, type Run, type RunEnd, type Step } from '../protocol/index.js';

interface PhaseSpan {
  readonly span: Span;
  readonly context: Context;
  /** When its last step so far has ended. */
  until: number;
}

/**
 * The spans of one run: itself, below it one for each phase of each shard in each of its transactions, and below
 * those its steps. Steps that share a message to the server lie beside each other: each lasts from its question to its
 * answer, and is a call of a database client (OpenTelemetry's conventions for PostgreSQL). They carry ids of the run,
 * codes and counts, and nothing of the patient.
 */
export class RunSpans {
  readonly root: Span;
  private readonly context: Context;
  private readonly phases = new Map<string, PhaseSpan>();
  /** Steps that have been asked and not answered, each with its phase. */
  private readonly steps = new Map<string, { span: Span; phase: PhaseSpan }>();
  private attempt = 1;
  /** One clock for all of them that only goes forward, set by the machine's clock at the start of the run. */
  private readonly clockOffset = Date.now() - performance.now();

  constructor(
    private readonly tracer: Tracer,
    { name, ids }: Run,
    parent: Context,
    private readonly database: Attributes,
  ) {
    const attributes: Record<string, string> = { 'silgi.act': name };
    if (ids['deletionId'] !== undefined) attributes['silgi.deletion.id'] = ids['deletionId'];
    if (ids['requestId'] !== undefined) attributes['silgi.request.id'] = ids['requestId'];
    this.root = tracer.startSpan(name, { attributes, startTime: this.now() }, parent);
    this.context = trace.setSpan(parent, this.root);
  }

  /** A retry, and the search for an unknown outcome, have phases of their own. */
  transactionBegins(): void {
    this.endPhases();
  }

  stepBegins({ name, phase, shard }: Step): void {
    const attributes = { 'silgi.phase': phase, 'silgi.shard': shard };
    const around = this.phaseOf(phase, shard) ?? this.beginPhase(`${phase} ${shard}`, attributes);
    const startTime = this.now();
    const span = this.tracer.startSpan(
      name,
      {
        kind: SpanKind.CLIENT,
        attributes: { ...this.database, ...attributes, 'silgi.step': name },
        startTime,
      },
      around.context,
    );
    this.steps.set(name, { span, phase: around });
  }

  stepEnds({ name }: Step, error: unknown): void {
    const step = this.steps.get(name);
    if (step === undefined) return;
    this.steps.delete(name);
    if (error !== undefined) for (const span of [step.span, step.phase.span]) fail(span, error);
    const sqlstate = sqlstateOf(error);
    if (sqlstate !== undefined) step.span.setAttribute('db.response.status_code', sqlstate);
    step.phase.until = this.now();
    step.span.end(step.phase.until);
  }

  retried(): void {
    this.attempt += 1;
    this.root.addEvent('retry', { 'silgi.attempt': this.attempt }, this.now());
  }

  resolved(resolution: Resolution): void {
    this.root.addEvent('outcome of commit', { 'silgi.resolution': resolution }, this.now());
  }

  ended(end: RunEnd): void {
    this.endPhases();
    this.root.setAttributes({ 'silgi.outcome': end.outcome, 'silgi.attempts': this.attempt });
    if (end.error !== undefined) fail(this.root, end.error);
    this.root.end(this.now());
  }

  private phaseOf(phase: string, shard: string): PhaseSpan | undefined {
    return this.phases.get(`${phase} ${shard}`);
  }

  private beginPhase(name: string, attributes: Record<string, string>): PhaseSpan {
    const all = { ...attributes, 'silgi.attempt': this.attempt };
    const startTime = this.now();
    const span = this.tracer.startSpan(name, { attributes: all, startTime }, this.context);
    const phase = { span, context: trace.setSpan(this.context, span), until: startTime };
    this.phases.set(name, phase);
    return phase;
  }

  /** Milliseconds since 1970. */
  private now(): number {
    return this.clockOffset + performance.now();
  }

  private endPhases(): void {
    // Asked in one message with a step that failed before it: the server has skipped it.
    for (const { span, phase } of this.steps.values()) {
      phase.until = this.now();
      span.setAttribute('silgi.skipped', true).end(phase.until);
    }
    for (const { span, until } of this.phases.values()) span.end(until);
    this.steps.clear();
    this.phases.clear();
  }
}

/** A refusal has its code; only what failed is an error of the service. The error's text stays out of traces. */
function fail(span: Span, error: unknown): void {
  const { code = 'INTERNAL_ERROR' } = error as { code?: string };
  span.setAttribute('silgi.code', code);
  const isRefused = error instanceof RestorationRefused || error instanceof DestructionRefused;
  if (isRefused) span.setAttribute('silgi.refusal', error.refusal);
  if (error instanceof DeletionVetoed || isRefused) {
    for (const { shard, code: veto } of error.blockers)
      span.addEvent('veto', { 'silgi.shard': shard, 'silgi.code': veto });
  }
  if (error instanceof ActionFailed) {
    const { phase, shard, step, table } = error.point;
    span.setAttributes({
      'silgi.failed.phase': phase,
      'silgi.failed.shard': shard,
      'silgi.failed.step': step,
    });
    if (table !== undefined) span.setAttribute('silgi.failed.table', table);
  }
  if (error instanceof ActionFailed || code === 'INTERNAL_ERROR') {
    span.setAttribute('error.type', code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }
}
