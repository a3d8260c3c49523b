import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const PARSE = 'P'.charCodeAt(0);
const CLOSE = 'C'.charCodeAt(0);
const HEAD = 5;

/**
 * Passes everything on between the service and the database, and keeps count of what each session has prepared: no
 * other session of the server can see that.
 */
export class SoakRelay {
  /** Names of the statements that are prepared, by session. */
  private readonly sessions = new Map<Socket, Set<string>>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** Listens on a free loopback port. @param databaseUrl where everything is passed on to */
  static async before(databaseUrl: string): Promise<SoakRelay> {
    const server = createServer({ noDelay: true });
    const relay = new SoakRelay(server, new URL(databaseUrl));
    server.on('connection', (client) => {
      relay.accept(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  /** The database's URL by way of this relay. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as { port: number }).port);
    return url.href;
  }

  /** Statements prepared in the session with the most of them. */
  get mostPrepared(): number {
    return Math.max(0, ...[...this.sessions.values()].map(({ size }) => size));
  }

  async close(): Promise<void> {
    for (const client of this.sessions.keys()) client.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private accept(client: Socket): void {
    const upstream = connect({ port: Number(this.target.port), host: this.target.hostname, noDelay: true });
    const prepared = new Set<string>();
    this.sessions.set(client, prepared);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sessions.delete(client);
        other.destroy();
      });
      socket.pipe(other);
    }
    const messages = new FrontendMessages((type, body) => {
      if (type === PARSE) prepared.add(textOf(body, 0));
      if (type === CLOSE) prepared.delete(textOf(body, 1));
      // The unnamed statement lasts until the next one.
      prepared.delete('');
    });
    client.on('data', (chunk: Buffer) => {
      messages.push(chunk);
    });
  }
}

/** Cuts what a client sends into messages: the first has a length alone, all others a type before it. */
class FrontendMessages {
  private rest = Buffer.alloc(0);
  private isFirst = true;

  constructor(private readonly tell: (type: number, body: Buffer) => void) {}

  push(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const typeBytes = this.isFirst ? 0 : 1;
      if (this.rest.length < HEAD) return;
      const end = typeBytes + this.rest.readInt32BE(typeBytes);
      if (this.rest.length < end) return;
      if (!this.isFirst) this.tell(this.rest[0] ?? 0, this.rest.subarray(HEAD, end));
      this.isFirst = false;
      this.rest = this.rest.subarray(end);
    }
  }
}

function textOf(body: Buffer, from: number): string {
  return body.subarray(from, body.indexOf(0, from)).toString();
}
