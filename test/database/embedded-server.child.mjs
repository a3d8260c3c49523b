import { createInterface } from 'node:readline';

// One more process that uses the server of a folder: says what it got, and stops when told.
const [, , product, dataDir] = process.argv;
const { EmbeddedServer } = await import(product);
const server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, adopted: server.adopted })}\n`);
for await (const line of createInterface(process.stdin)) {
  if (line === 'stop') break;
}
process.stdout.write(`${JSON.stringify(await server.stop())}\n`);
process.exit();
