import { Agent, request } from 'node:http';
import type { Received } from '../contract.js';

const LIMIT_MS = 20_000;

/** Sends one request after another on a connection that is kept open. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly port: number) {}

  /**
   * @param target path and query, percent-encoded
   * @throws Error where no answer came
   */
  send(method: string, target: string, headers: Record<string, string>, body?: Buffer): Promise<Received> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, agent: this.agent, method, path: target };
      const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
      const sent = request(
        { ...options, headers: { ...headers, ...length }, timeout: LIMIT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ method, target, status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      sent.once('timeout', () => sent.destroy(new Error(`No answer within ${LIMIT_MS} ms.`)));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
