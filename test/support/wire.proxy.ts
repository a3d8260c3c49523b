import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** The message that ends every answer: type, length and transaction status. */
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const READY_FOR_QUERY_BYTES = 6;

const TERMINATED = errorMessage('FATAL', '57P01');
const ROLLBACK = Buffer.from('Q\0\0\0\x0dROLLBACK\0');
const REFUSED = Buffer.concat([errorMessage('ERROR', 'XX000'), Buffer.from('Z\0\0\0\x05T')]);

/** An error message of the server: type, length, fields. */
function errorMessage(severity: string, sqlstate: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${sqlstate}\0Mmade by the proxy\0\0`);
  return Buffer.concat([Buffer.from('E'), Buffer.from([0, 0, 0, fields.length + 4]), fields]);
}

/** A message of a client: its type, and what follows its length. */
export interface ClientMessage {
  readonly type: string;
  readonly body: Buffer;
}

/** The whole messages of a client, and the beginning of the one behind them. */
function messagesIn(bytes: Buffer): { messages: ClientMessage[]; rest: Buffer<ArrayBuffer> } {
  const messages: ClientMessage[] = [];
  let from = 0;
  while (from + 5 <= bytes.length) {
    const end = from + 1 + bytes.readUInt32BE(from + 1);
    if (end > bytes.length) break;
    messages.push({ type: String.fromCharCode(bytes[from] ?? 0), body: bytes.subarray(from + 5, end) });
    from = end;
  }
  return { messages, rest: Buffer.from(bytes.subarray(from)) };
}

/** What happens to the connection on which a chosen statement is seen. */
export type Cut =
  /** The statement never reaches the server. */
  | 'before'
  /** The server gets it; its answer never comes back. */
  | 'after'
  /** The server gets it; nothing comes back and the connection stays open. */
  | 'stall'
  /** The statement never reaches the server; an error comes back, and the transaction stays open. */
  | 'refuse'
  /** The server gets ROLLBACK in its place, and answers so. */
  | 'roll back';

/** A TCP proxy before the database that loses a chosen message of the wire protocol. */
export class WireProxy {
  private readonly sockets = new Set<Socket>();
  /** Without a statement: whatever comes next, the first message of a new connection included. */
  private order: { statement?: string; cut: Cut } | undefined;
  private closed = false;
  /** How many orders were carried out. */
  fired = 0;
  private refusing = false;
  /** While true, the server's readiness arrives apart from the message before it, as it may on any network. */
  splitReadiness = false;
  /** While true, the message that opens a session brings its end with it, as from a server that is stopping. */
  endAtOnce = false;
  /** What clients have sent, message by message, as long as somebody collects it. */
  collected: ClientMessage[] | undefined;
  /** Milliseconds by which every answer of the server is late. */
  delay = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async before(databaseUrl: string): Promise<WireProxy> {
    const server = createServer();
    const proxy = new WireProxy(server, new URL(databaseUrl));
    server.on('connection', (client) => {
      proxy.accept(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The database's URL by way of this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as { port: number }).port);
    return url.href;
  }

  /** The next time a client sends this statement, its connection is cut so. Fires once. */
  cutAt(statement: string, cut: Cut): void {
    this.order = { statement, cut };
  }

  /** The very next message of any client is cut so. Fires once. */
  cutNext(cut: Cut): void {
    this.order = { cut };
  }

  /** While true, new connections are refused and open ones are cut, as if the server were gone. */
  refuse(refusing: boolean): void {
    this.refusing = refusing;
    if (refusing) for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
    let muted = false;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        if (!muted || socket === client) {
          client.destroy();
          upstream.destroy();
        }
      });
    }
    upstream.on('data', (chunk) => {
      if (muted) return;
      if (this.endAtOnce && chunk[chunk.length - READY_FOR_QUERY_BYTES] === READY_FOR_QUERY) {
        this.fired += 1;
        client.end(Buffer.concat([chunk, TERMINATED]));
        return;
      }
      if (this.delay > 0) {
        setTimeout(() => client.write(chunk), this.delay);
        return;
      }
      const last = chunk.length - READY_FOR_QUERY_BYTES;
      const ready = this.splitReadiness && chunk[last] === READY_FOR_QUERY ? last : chunk.length;
      client.write(chunk.subarray(0, ready));
      if (ready < chunk.length) setTimeout(() => client.write(chunk.subarray(ready)), 20);
    });
    let unread = Buffer.alloc(0);
    client.on('data', (chunk) => {
      if (this.collected !== undefined) {
        const { messages, rest } = messagesIn(Buffer.concat([unread, chunk]));
        this.collected.push(...messages);
        unread = rest;
      }
      const cut = this.cutFor(chunk);
      if (cut === undefined) {
        upstream.write(chunk);
        return;
      }
      this.fired += 1;
      if (cut === 'refuse') {
        client.write(REFUSED);
        return;
      }
      if (cut === 'roll back') {
        upstream.write(ROLLBACK);
        return;
      }
      muted = true;
      if (cut === 'before') {
        upstream.destroy();
        client.destroy();
        return;
      }
      upstream.write(chunk);
      // The answer shows that the server has done it; only then is the client cut off.
      if (cut === 'after') upstream.once('data', () => client.destroy());
    });
  }

  private cutFor(chunk: Buffer): Cut | undefined {
    if (this.order === undefined) return undefined;
    const { statement, cut } = this.order;
    if (statement !== undefined && !chunk.includes(`${statement}\0`)) return undefined;
    this.order = undefined;
    return cut;
  }
}
