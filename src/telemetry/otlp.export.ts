import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { productVersion } from '../product/index.js';

type Export = Parameters<SpanExporter['export']>;

/** Spans that wait for the collector; beyond it they are dropped. One deletion has about thirty. */
const QUEUE_SIZE = 8_192;
/** A stop waits no longer than this for the last spans to be delivered. */
const STOP_WITHIN_MS = 2_000;

/** Where spans go to, until it is closed. */
export interface TraceExport {
  readonly tracer: Tracer;
  /** Delivers what is left, if that can be done soon. Never throws. */
  close(): Promise<void>;
}

/**
 * Sends spans in batches as OTLP over HTTP, in JSON. Headers, time-out, compression, certificates and the attributes
 * of the resource come from OpenTelemetry's own variables. A collector that is away or slow costs spans, nothing else.
 *
 * @param url where the collector takes traces, e.g. `http://127.0.0.1:4318/v1/traces`
 */
export function openTraceExport(url: string): TraceExport {
  const exporter = new ReportingExporter(new OTLPTraceExporter({ url }));
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'silgi', 'service.version': productVersion() }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_SIZE })],
  });
  return {
    tracer: provider.getTracer('silgi'),
    async close() {
      const limit = new AbortController();
      const tooLate = pause(STOP_WITHIN_MS, undefined, { signal: limit.signal });
      await Promise.race([provider.shutdown(), tooLate]).catch(() => undefined);
      limit.abort();
      await tooLate.catch(() => undefined);
    },
  };
}

/** Says once that spans are lost, and once that they arrive again. */
class ReportingExporter implements SpanExporter {
  private readonly log = new Logger('Tracing');
  private delivering = true;

  constructor(private readonly exporter: SpanExporter) {}

  export(spans: Export[0], done: Export[1]): void {
    this.exporter.export(spans, (result) => {
      this.report(result.error === undefined);
      done(result);
    });
  }

  private report(delivered: boolean): void {
    if (delivered === this.delivering) return;
    this.delivering = delivered;
    if (delivered) this.log.log('The collector takes traces again.');
    else this.log.warn('The collector does not take traces: they are lost, and deletions go on.');
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }
}
