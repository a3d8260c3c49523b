import { createInterface } from 'node:readline';
import { EmbeddedServer } from '../../src/database/index.js';

// One more process that uses the server of the folder in argv: says what it got, and stops when told.
const server = await EmbeddedServer.start({ dataDir: process.argv[2] ?? '', settings: { fsync: 'off' } });
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, adopted: server.adopted })}\n`);
for await (const line of createInterface(process.stdin)) {
  if (line === 'stop') break;
}
process.stdout.write(`${JSON.stringify(await server.stop())}\n`);
process.exit();
