import { Agent, request } from 'node:http';
import type { BenchService } from './bench.service.js';

/** An answer of the service. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the service below `/api/v1`, signed in, over connections that are kept. */
export class SoakClient {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly service: BenchService) {}

  /** @param body makes it a POST */
  ask(path: string, body?: object): Promise<Answer> {
    const { url, token } = this.service;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
    };
    const options = { agent: this.agent, headers, method: sent === undefined ? 'GET' : 'POST' };
    return new Promise((resolve, reject) => {
      const asked = request(`${url}/api/v1${path}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
        });
      });
      asked.on('error', reject);
      asked.end(sent);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
