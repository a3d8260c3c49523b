import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it arrived. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 of the service's own, 3 a client's. */
  readonly kind: number;
  readonly attributes: Record<string, unknown>;
  readonly events: { readonly name: string; readonly attributes: Record<string, unknown> }[];
  /** 0 unset, 2 error. */
  readonly status: number;
  readonly start: bigint;
  readonly end: bigint;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: OtlpAttribute[];
  readonly events: { name: string; attributes: OtlpAttribute[] }[];
  readonly status: { code: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
interface OtlpTraces {
  readonly resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

/** An OpenTelemetry collector of a test's own: takes OTLP over HTTP in JSON and keeps what it was sent. */
export class Collector {
  readonly spans: Span[] = [];
  /** Attributes of the resource that sent last. */
  resource: Record<string, unknown> = {};
  /** Every body, as it was sent. */
  readonly bodies: string[] = [];
  readonly headers: Record<string, unknown>[] = [];
  /** A collector that is silent takes what it is sent and never answers. */
  silent = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Collector> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const collector = new Collector(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.headers.push({ ...request.headers, path: request.url });
        collector.take(Buffer.concat(chunks).toString());
        if (!collector.silent) response.setHeader('Content-Type', 'application/json').end('{}');
      });
    });
    return collector;
  }

  private take(body: string): void {
    this.bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as OtlpTraces).resourceSpans) {
      this.resource = plain(resource.attributes);
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map(toSpan)));
    }
  }

  /** The run of this act that this request asked for. @throws Error where there is not exactly one */
  root(act: string, requestId: string): Span {
    const [root, ...others] = this.spans.filter(
      ({ name, attributes }) => name === act && attributes['silgi.request.id'] === requestId,
    );
    if (root === undefined || others.length > 0)
      throw new Error(
        `${others.length + (root === undefined ? 0 : 1)} runs of "${act}" were traced, 1 expected.`,
      );
    return root;
  }

  /** In the order in which they began. */
  childrenOf({ traceId, spanId }: Span): Span[] {
    return this.spans
      .filter((span) => span.traceId === traceId && span.parentSpanId === spanId)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  forget(): void {
    this.spans.length = 0;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function toSpan(span: OtlpSpan): Span {
  const { traceId, spanId, parentSpanId, name, kind } = span;
  return {
    traceId,
    spanId,
    name,
    kind,
    ...(parentSpanId !== undefined && parentSpanId !== '' && { parentSpanId }),
    attributes: plain(span.attributes),
    events: span.events.map(({ name: event, attributes }) => ({
      name: event,
      attributes: plain(attributes),
    })),
    status: span.status.code,
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
  };
}

function plain(attributes: OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
