import { type Context, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { DeletionFailed } from '../protocol/index.js';
import { DeletionVetoed } from '../orchestrator/index.js';
import { DELETION_STEPS, SIDE_STEPS, type StepName } from '../orchestrator/index.js';
import { outcomeOf, type Resolution, type Run, type RunEnd } from '../protocol/index.js';

const STEPS = { ...DELETION_STEPS, ...SIDE_STEPS };

interface PhaseSpan {
  readonly span: Span;
  readonly context: Context;
  /** When its last step so far has ended. */
  until: number;
}

/**
 * The spans of one run: itself, below it one for each phase of each shard in each of its transactions, and below
 * those its steps. They carry ids of the run, codes and counts, and nothing of the patient.
 */
export class RunSpans {
  readonly root: Span;
  private readonly context: Context;
  private readonly phases = new Map<string, PhaseSpan>();
  private phase: PhaseSpan | undefined;
  private step: Span | undefined;
  private attempt = 1;
  /** One clock for all of them that only goes forward, set by the machine's clock at the start of the run. */
  private readonly clockOffset = Date.now() - performance.now();

  constructor(
    private readonly tracer: Tracer,
    { act, deletionId, requestId }: Run,
    parent: Context,
  ) {
    const attributes = {
      ...{ 'silgi.act': act, 'silgi.deletion.id': deletionId },
      ...(requestId !== undefined && { 'silgi.request.id': requestId }),
    };
    this.root = tracer.startSpan(act, { attributes, startTime: this.now() }, parent);
    this.context = trace.setSpan(parent, this.root);
  }

  stepBegins(step: StepName): void {
    // Every transaction begins with it: a retry, and the search for an unknown outcome, have phases of their own.
    if (step === 'connect') this.endPhases();
    const { phase, shard } = STEPS[step];
    const attributes = { 'silgi.phase': phase, 'silgi.shard': shard };
    const name = `${phase} ${shard}`;
    this.phase = this.phases.get(name) ?? this.beginPhase(name, attributes);
    this.step = this.tracer.startSpan(
      step,
      { attributes: { ...attributes, 'silgi.step': step }, startTime: this.now() },
      this.phase.context,
    );
  }

  stepEnds(error: unknown): void {
    if (error !== undefined) {
      if (this.step !== undefined) fail(this.step, error);
      if (this.phase !== undefined) fail(this.phase.span, error);
    }
    const now = this.now();
    if (this.phase !== undefined) this.phase.until = now;
    this.step?.end(now);
    this.step = undefined;
  }

  retried(): void {
    this.attempt += 1;
    this.root.addEvent('retry', { 'silgi.attempt': this.attempt }, this.now());
  }

  resolved(resolution: Resolution): void {
    this.root.addEvent('outcome of commit', { 'silgi.resolution': resolution }, this.now());
  }

  ended(end: RunEnd): void {
    this.step?.end(this.now());
    this.endPhases();
    this.root.setAttributes({ 'silgi.outcome': outcomeOf(end), 'silgi.attempts': this.attempt });
    if ('error' in end) fail(this.root, end.error);
    this.root.end(this.now());
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
    for (const { span, until } of this.phases.values()) span.end(until);
    this.phases.clear();
    this.phase = undefined;
  }
}

/** A refusal has its code; only what failed is an error of the service. The error's text stays out of traces. */
function fail(span: Span, error: unknown): void {
  const { code = 'INTERNAL_ERROR' } = error as { code?: string };
  span.setAttribute('silgi.code', code);
  if (error instanceof DeletionVetoed) {
    for (const { shard, code: veto } of error.blockers)
      span.addEvent('veto', { 'silgi.shard': shard, 'silgi.code': veto });
  }
  if (error instanceof DeletionFailed) {
    const { phase, shard, step, table } = error.point;
    span.setAttributes({
      ...{ 'silgi.failed.phase': phase, 'silgi.failed.shard': shard, 'silgi.failed.step': step },
      ...(table !== undefined && { 'silgi.failed.table': table }),
    });
  }
  if (error instanceof DeletionFailed || code === 'INTERNAL_ERROR') {
    span.setAttribute('error.type', code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }
}
