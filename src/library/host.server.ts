import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import { ConfigurationError } from '../config/index.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const UNAVAILABLE = 503;
const RETRY_AFTER_S = '5';

/** A path of the application's Express, below which everything is answered by another one. */
export class HostServer {
  private isMounted = false;
  private handler: Handler | undefined;

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** As soon as there is a server: with `@nestjs/testing` that is after the modules are put together. */
  mount(path: string): void {
    this.adapterHost.init$.subscribe(() => {
      const adapter = this.adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
      if (adapter?.getType() !== 'express') return;
      adapter.use(path, (request: IncomingMessage, response: ServerResponse) => {
        this.answer(request, response);
      });
      this.isMounted = true;
    });
  }

  /** @throws ConfigurationError where the application has no Express */
  assertMounted(): void {
    if (!this.isMounted)
      throw new ConfigurationError(
        'http must be left out here: it needs an application that answers HTTP by Express (@nestjs/platform-express).',
      );
  }

  /** @param handler undefined where nobody is there to answer */
  answerBy(handler: Handler | undefined): void {
    this.handler = handler;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.handler === undefined) response.writeHead(UNAVAILABLE, { 'Retry-After': RETRY_AFTER_S }).end();
    else this.handler(request, response);
  }
}
