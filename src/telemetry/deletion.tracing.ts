import { type Attributes, ROOT_CONTEXT, trace, type Tracer } from '@opentelemetry/api';
import type { Resolution, Run, RunEnd, RunObserver, Step } from '../protocol/index.js';
import { RunSpans } from './run.spans.js';
import { continueUnder, parentSpan } from './trace.context.js';

/** Traces every run of the protocol, as a part of its caller's trace where the request named one. */
export class DeletionTracing implements RunObserver {
  private readonly running = new Map<Run, RunSpans>();

  /** @param database what the spans of its steps say of the database */
  constructor(
    private readonly tracer: Tracer,
    private readonly database: Attributes,
  ) {}

  began(run: Run): void {
    const caller = parentSpan();
    const parent =
      caller === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true });
    this.running.set(run, new RunSpans(this.tracer, run, parent, this.database));
  }

  transactionBegan(run: Run): void {
    this.running.get(run)?.transactionBegins();
  }

  stepBegan(run: Run, step: Step): void {
    this.running.get(run)?.stepBegins(step);
  }

  stepEnded(run: Run, step: Step, error?: unknown): void {
    this.running.get(run)?.stepEnds(step, error);
  }

  retried(run: Run): void {
    this.running.get(run)?.retried();
  }

  resolved(run: Run, resolution: Resolution): void {
    this.running.get(run)?.resolved(resolution);
  }

  ended(run: Run, end: RunEnd): void {
    const spans = this.running.get(run);
    this.running.delete(run);
    if (spans === undefined) return;
    continueUnder(spans.root.spanContext());
    spans.ended(end);
  }
}
