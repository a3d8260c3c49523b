import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const LIMIT_MS = 5_000;

/** A connection on which a test says whatever it likes, HTTP or not. */
export class RawSocket {
  /** All that came back. */
  heard = '';
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.heard += chunk.toString('latin1')));
    // A reset is an end like any other.
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  /**
   * @param port on the loopback address
   * @param from address of this side, one of loopback's
   */
  static async open(port: number, from = '127.0.0.1'): Promise<RawSocket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    const opened = new RawSocket(socket);
    await once(socket, 'connect').catch(() => undefined);
    return opened;
  }

  say(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Waits until the other side closes. @throws Error where it has not within the limit, in milliseconds */
  async ends(limitMs = LIMIT_MS): Promise<string> {
    if (this.closed) return this.heard;
    await once(this.socket, 'close', { signal: AbortSignal.timeout(limitMs) }).catch((cause: unknown) => {
      this.socket.destroy();
      throw new Error(`The connection was not closed. It said: ${this.heard}`, { cause });
    });
    return this.heard;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Says one thing on a connection of its own, and hears the other side out. */
export async function hear(port: number, text: string | Buffer, from?: string): Promise<string> {
  const socket = await RawSocket.open(port, from);
  socket.say(text);
  return socket.ends();
}

/** The status of each answer; the next one begins where the body of the last ends. */
export function statusesIn(heard: string): number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
