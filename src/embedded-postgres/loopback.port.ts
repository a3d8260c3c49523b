import { type AddressInfo, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A TCP port that was free on the loopback address a moment ago. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Whether a TCP port is free on the loopback address. */
export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address() as AddressInfo;
      server.close(() => {
        resolve(address.port);
      });
    });
  });
}
