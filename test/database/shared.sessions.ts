import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One column of integers. */
const COLUMN = Buffer.concat([words16(1), text('pid'), words32(0), words16(0)]);
const NUMBER = Buffer.concat([words32(23), words16(4), words32(-1), words16(0)]);
const ROW = Buffer.concat([words16(1), words32(4), Buffer.from('4711')]);
const READY = message('Z', Buffer.from('I'));
const ANSWER = Buffer.concat([
  message('T', Buffer.concat([COLUMN, NUMBER])),
  message('D', ROW),
  message('C', text('SELECT 1')),
  READY,
]);

/**
 * What a pooler in transaction mode is to its clients: each is told a process of its own at connect, and the questions
 * of all are answered by one session of the server, the process 4711. It has no other answer.
 *
 * @returns its URL, and what ends it
 */
export async function shareOneSession(): Promise<{ url: string; stop: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const own = message('K', Buffer.concat([words32(sockets.size), words32(0)]));
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', words32(0)), own, READY]));
      socket.on('data', (asked) => {
        if (asked[0] === 'Q'.charCodeAt(0)) socket.write(ANSWER);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `postgres://silgi@127.0.0.1:${(server.address() as AddressInfo).port}/hospital`,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), words32(body.length + 4), body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function words32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function words16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
