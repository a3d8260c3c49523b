import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { serveBlocks, told } from './block.js';

/** Whoever asks the service over HTTP, with as little work of its own as Node allows: one kept connection per client. */

const BODY = Buffer.from(JSON.stringify({ reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' }));
const withKeys = process.env['BENCH_IDEMPOTENCY_KEYS'] === 'true';
const agent = new Agent({ keepAlive: true });
const { hostname, port } = new URL(told('BENCH_SERVICE_URL'));
const common = {
  authorization: `Bearer ${told('BENCH_TOKEN')}`,
  'content-type': 'application/json',
  'content-length': BODY.length,
};

function remove(patientId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = withKeys ? { ...common, 'idempotency-key': randomUUID() } : common;
    const path = `/api/v1/patients/${patientId}/deletions`;
    const asked = request({ hostname, port, path, headers, agent, method: 'POST' }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`${answer.statusCode ?? 'No status'}: ${Buffer.concat(chunks).toString()}`));
      });
    });
    asked.on('error', reject);
    asked.end(BODY);
  });
}

await serveBlocks(() => Promise.resolve(remove));
