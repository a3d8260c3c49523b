import { Logger } from '@nestjs/common';
import type { DestinationStream } from 'pino';

interface Line {
  readonly level: keyof typeof METHODS;
  readonly msg: string;
}

const METHODS = { fatal: 'fatal', error: 'error', warn: 'warn', info: 'log', debug: 'debug' } as const;

/** Takes the lines that the REST API writes about its requests to the application's own logger. */
export class HostLog implements DestinationStream {
  private readonly log = new Logger('Silgi');

  write(text: string): void {
    const { level, msg, ...fields } = JSON.parse(text) as Line;
    this.log[METHODS[level]](msg, fields);
  }
}
