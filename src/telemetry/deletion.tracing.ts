import { ROOT_CONTEXT, trace, type Tracer } from '@opentelemetry/api';
import { type Resolution, type Run, type RunEnd, StepObserver } from '../protocol/index.js';
import { type StepName } from '../orchestrator/index.js';
import { RunSpans } from './run.spans.js';
import { continueUnder, parentSpan } from './trace.context.js';

/** Traces every run of the protocol, as a part of its caller's trace where the request named one. */
export class DeletionTracing extends StepObserver {
  /** By deletion id: runs with the same one never overlap. */
  private readonly running = new Map<string, RunSpans>();

  constructor(private readonly tracer: Tracer) {
    super();
  }

  override began(run: Run): void {
    const caller = parentSpan();
    const parent =
      caller === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true });
    this.running.set(run.deletionId, new RunSpans(this.tracer, run, parent));
  }

  override before(step: StepName, deletionId: string): void {
    this.running.get(deletionId)?.stepBegins(step);
  }

  /** Every step has a span of its own. */
  override separates(): boolean {
    return true;
  }

  override after(_step: StepName, _milliseconds: number, error: unknown, deletionId: string): void {
    this.running.get(deletionId)?.stepEnds(error);
  }

  override retried(deletionId: string): void {
    this.running.get(deletionId)?.retried();
  }

  override resolved(resolution: Resolution, deletionId: string): void {
    this.running.get(deletionId)?.resolved(resolution);
  }

  override ended({ deletionId }: Run, end: RunEnd): void {
    const spans = this.running.get(deletionId);
    this.running.delete(deletionId);
    if (spans === undefined) return;
    continueUnder(spans.root.spanContext());
    spans.ended(end);
  }
}
