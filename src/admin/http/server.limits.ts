import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { TrafficLimits } from '../../config/index.js';
import { problemOf } from '../problems/problem.js';
import { clientOf } from './client.address.js';
import { Places } from './places.js';
import { RateLimiter } from './rate.limiter.js';
import { ValidationFailed } from './request.errors.js';

/** All headers of a request and its first line, in bytes. */
const LARGEST_HEAD = 16 * 1024;
/** The head of a request has to be there after so long, in milliseconds, where the whole request may take longer. */
const HEAD_LIMIT_MS = 10_000;
/** A connection without a request is kept for so long. */
const IDLE_LIMIT_MS = 5_000;
/** Longer than a deletion may take: beyond it, whoever does not read the answer is not waited for. */
const SILENCE_LIMIT_MS = 120_000;

/** What may be wrong with a request before it is one, by the codes of Node's parser. */
interface Fault {
  readonly message: string;
  readonly status?: 408 | 413 | 431;
}
const FAULTS: Readonly<Record<string, Fault>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { message: 'The request did not arrive in time', status: 408 },
  HPE_HEADER_OVERFLOW: { message: 'The headers are larger than 16 kB', status: 431 },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { message: 'The chunk extensions are too large', status: 413 },
};
const OVER_ITS_CONNECTIONS = 'An address has too many connections open; further ones of it are closed';
const MALFORMED: Fault = { message: 'The request is not HTTP/1.1' };

/**
 * Bounds what a connection may cost before a request is there: its size, its time, and how many there are, of one
 * address and of all. None of it is left to the defaults of a version of Node.
 *
 * @param server not yet listening
 * @param isProxy whether an address is that of a trusted proxy, whose connections are those of its clients
 */
export function limitServer(
  server: Server,
  limits: TrafficLimits,
  logger: Logger,
  isProxy: (address: string) => boolean,
): void {
  const { requestTimeoutMs, maxConnections } = limits;
  server.headersTimeout = Math.min(HEAD_LIMIT_MS, requestTimeoutMs);
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = IDLE_LIMIT_MS;
  server.timeout = SILENCE_LIMIT_MS;
  server.maxConnections = maxConnections;
  // Read when it starts to listen, and for each connection; the types know them as options of the constructor only.
  const atStart = { connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs / 2) };
  Object.assign(server, { ...atStart, maxHeaderSize: LARGEST_HEAD });
  server.on('connection', limitByAddress(limits.maxConnectionsPerAddress, logger, isProxy));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answer(error, socket, logger);
  });
}

/** Closes what one address opens beyond its number, and names it in the log once a minute. */
function limitByAddress(most: number, logger: Logger, isProxy: (address: string) => boolean) {
  const places = new Places(most);
  const warnings = new RateLimiter(1);
  return (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    if (isProxy(address)) return;
    const client = clientOf(address);
    const place = places.take(client);
    if (typeof place === 'function') {
      socket.once('close', place);
      return;
    }
    socket.destroy();
    if (warnings.take(client) === 0)
      logger.warn({ context: 'TrafficLimits', limit: 'connections', client }, OVER_ITS_CONNECTIONS);
  };
}

/** The request never came to the application: its answer is written by hand, and the connection closed. */
function answer(error: NodeJS.ErrnoException, socket: Socket, logger: Logger): void {
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  if (error.code === 'ECONNRESET' || !socket.writable || begun?.headersSent === true) {
    socket.destroy();
    return;
  }
  const { message, status } = FAULTS[error.code ?? ''] ?? MALFORMED;
  const requestId = randomUUID();
  const { problem } = problemOf(new ValidationFailed([{ path: '', message }], status), requestId);
  logger.info(
    { requestId, status: problem.status, code: problem.code, fault: error.code },
    'malformed request',
  );
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  // Whatever else comes is not waited for.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
