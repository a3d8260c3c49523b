import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../admin/api.js';

/** An event as the standard hands it to a page. */
export interface StandardEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** Browsers wait some seconds; the server may say otherwise with `retry`. */
const RECONNECT_MS = 50;

/**
 * What an EventSource of a browser does (WHATWG HTML, 9.2): it parses the stream, comes back with `Last-Event-ID`
 * whenever the connection ends, and gives up only where the answer is not 200 with `text/event-stream`.
 */
export class StandardEventSource {
  readonly events: StandardEvent[] = [];
  /** Status of every answer, in their order. */
  readonly answers: number[] = [];
  /** Settled once it has given up. */
  readonly closed: Promise<void>;
  private lastEventId = '';
  private reconnectMs = RECONNECT_MS;

  constructor(api: Api, batchId: string, mostAnswers: number) {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/v1/deletion-batches/${batchId}/events`;
    const authorization = api.call('get', '/', 'auditor').get('Authorization');
    this.closed = this.run(url, authorization, mostAnswers);
  }

  private async run(url: string, authorization: string, mostAnswers: number): Promise<void> {
    while (this.answers.length < mostAnswers && (await this.connect(url, authorization)))
      await pause(this.reconnectMs);
  }

  /** @returns whether the connection is to be established again */
  private async connect(url: string, authorization: string): Promise<boolean> {
    const headers = {
      Accept: 'text/event-stream',
      'Cache-Control': 'no-store',
      Authorization: authorization,
    };
    const answer = await fetch(url, {
      headers: { ...headers, ...(this.lastEventId !== '' && { 'Last-Event-ID': this.lastEventId }) },
    });
    this.answers.push(answer.status);
    const text = await answer.text();
    const isStream = /^text\/event-stream\b/i.test(answer.headers.get('content-type') ?? '');
    if (answer.status !== 200 || !isStream) return false;
    this.read(text);
    return true;
  }

  private read(text: string): void {
    let [type, data] = ['', ''];
    let id = this.lastEventId;
    // What stands behind the last blank line is thrown away.
    const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
    for (const line of lines.slice(0, -1)) {
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (line === '') {
        this.lastEventId = id;
        if (data !== '')
          this.events.push({ type: type || 'message', data: data.slice(0, -1), lastEventId: id });
        [type, data] = ['', ''];
      } else if (field === 'event') type = value;
      else if (field === 'data') data += `${value}\n`;
      else if (field === 'id' && !value.includes('\0')) id = value;
      else if (field === 'retry' && /^\d+$/.test(value)) this.reconnectMs = Number(value);
    }
  }
}
