import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Api } from '../admin/api.js';
import type { Batch, Item } from './batch.stage.js';

interface Event {
  readonly id: number;
  readonly event: string;
  readonly data: Batch & Item;
}

/** A listener to the events of a batch. */
export class Listener {
  text = '';
  head: IncomingMessage | undefined;
  ended = false;
  private readonly sent;

  /** @param token instead of an auditor's */
  constructor(api: Api, batchId: string, lastEventId?: number, token?: string) {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const signedIn =
      token === undefined ? api.call('get', '/', 'auditor').get('Authorization') : `Bearer ${token}`;
    const headers = {
      Accept: 'text/event-stream',
      Authorization: signedIn,
      ...(lastEventId !== undefined && { 'Last-Event-ID': String(lastEventId) }),
    };
    const path = `/api/v1/deletion-batches/${batchId}/events`;
    this.sent = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      this.head = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => (this.text += text));
      response.once('close', () => (this.ended = true));
    });
    this.sent.on('error', () => (this.ended = true));
    this.sent.end();
  }

  /** The events that came whole. */
  get events(): Event[] {
    const blocks = this.text.split('\n\n').slice(0, -1);
    return blocks
      .filter((block) => block.startsWith('id: '))
      .map((block) => {
        const [, id, event = '', data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        return { id: Number(id), event, data: JSON.parse(data) as Batch & Item };
      });
  }

  get lines(): number[] {
    return this.events.filter(({ event }) => event === 'outcome').map(({ data }) => data.line);
  }

  leave(): void {
    this.sent.destroy();
  }
}
