import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Level, type Logger, pino } from 'pino';
import type { Environment } from '../config/index.js';
import { loggableError } from './log.error.js';
import { TerminalStream } from './terminal.stream.js';

/** What Nest says of itself while it starts; of interest only where something is wrong with the wiring. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * The lines of up to a tenth of a second are written together: each write wakes another thread, which under load takes
 * the core from a server process. Nothing is lost at the end of the process, but a SIGKILL takes that tenth along.
 */
const GATHERED_STDOUT = { dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 };

/**
 * The one stream of logs: JSON, a line each, or lines for people where stdout is a terminal.
 *
 * @param destination somewhere else than stdout, for tests
 */
export function serviceLogger(level: Environment['logLevel'], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: loggableError },
  };
  return pino(options, destination ?? stdout());
}

function stdout(): DestinationStream {
  return process.stdout.isTTY ? new TerminalStream(process.stdout) : pino.destination(GATHERED_STDOUT);
}

/** Lets Nest, and everything that logs through Nest's `Logger`, write to the one stream. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /**
   * Nest passes the logger's name last. An error, as the message or beside it, goes through the serializer; a
   * stack as text is left out, for its first line repeats the message of an error that nobody has looked at.
   */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const err = [message, ...rest].find((value) => value instanceof Error);
    const fields = rest.find((value) => isPlain(value));
    // Always with a text: pino would otherwise take the message of the error as it is.
    const text = typeof message === 'string' ? message : 'Something failed.';
    this.logger[level]({ ...(context !== undefined && { context }), ...fields, ...(err && { err }) }, text);
  }
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
