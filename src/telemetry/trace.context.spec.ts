import { describe, expect, it } from '@jest/globals';
import { continueUnder, parentSpan, parseTraceparent, traceContext } from './trace.context.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    [`00-${traceId}-${spanId}-01`, 1],
    [`00-${traceId}-${spanId}-00`, 0],
    [`00-${traceId}-${spanId}-03`, 1],
    [`01-${traceId}-${spanId}-01-and-more`, 1],
  ])('%s is read', (header, traceFlags) => {
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, traceFlags });
  });

  it.each([
    '',
    'nonsense',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
  ])('"%s" starts a trace of its own', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

it('a request belongs to its caller’s span, then to the span that continues it, and no other request does', () => {
  const headers = { traceparent: `00-${traceId}-${spanId}-01` };
  traceContext({ headers } as never, undefined, () => {
    expect(parentSpan()).toEqual({ traceId, spanId, traceFlags: 1 });
    continueUnder({ traceId, spanId: 'b'.repeat(16), traceFlags: 1 });
    expect(parentSpan()?.spanId).toBe('b'.repeat(16));
  });
  traceContext({ headers: {} } as never, undefined, () => {
    expect(parentSpan()).toBeUndefined();
  });
  expect(parentSpan()).toBeUndefined();
  expect(() => {
    continueUnder({ traceId, spanId, traceFlags: 1 });
  }).not.toThrow();
});
