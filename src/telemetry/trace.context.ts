import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';

/** A span that others may be children of, here or elsewhere. */
export interface SpanReference {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** Bit 0: the trace is kept. */
  readonly traceFlags: number;
}

const request = new AsyncLocalStorage<{ parent: SpanReference | undefined }>();

/** W3C Trace Context, section 3.2: version 00, or a later one that begins in the same way. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent`; undefined where it is none, and the trace then starts here. */
export function parseTraceparent(header: string): SpanReference | undefined {
  const [whole, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (whole === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & 1 };
}

/** Express middleware: what a request leads to belongs to its caller's trace. Comes after the body is read. */
export function traceContext({ headers }: IncomingMessage, _response: unknown, next: () => void): void {
  const { traceparent } = headers;
  request.run({ parent: parseTraceparent(typeof traceparent === 'string' ? traceparent : '') }, next);
}

/** The span that what comes next in this request belongs to; undefined where it starts a trace. */
export function parentSpan(): SpanReference | undefined {
  return request.getStore()?.parent;
}

/** What comes next in this request, such as the record of a failed attempt, belongs to this span. */
export function continueUnder(span: SpanReference): void {
  const store = request.getStore();
  if (store !== undefined) store.parent = span;
}
