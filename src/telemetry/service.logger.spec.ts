import { describe, expect, it } from '@jest/globals';
import { NestLog, serviceLogger } from './service.logger.js';
import { TerminalStream } from './terminal.stream.js';

function capture(level: 'trace' | 'info' = 'trace') {
  const lines: Record<string, unknown>[] = [];
  const logger = serviceLogger(level, {
    write: (line) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  });
  return { lines, log: new NestLog(logger) };
}

/** As pg makes it: its message quotes a value. */
const databaseError = Object.assign(new Error('invalid input syntax for type uuid: "Işıl"'), {
  severity: 'ERROR',
  code: '22P02',
});

describe('NestLog', () => {
  it('keeps the levels and the name of the logger', () => {
    const { lines, log } = capture();
    log.log('a', 'Here');
    log.warn('b', 'Here');
    log.error('c', undefined, 'Here');
    log.debug('d', 'Here');
    log.verbose('e', 'Here');
    log.fatal('f', 'Here');
    expect(lines.map(({ level, msg, context }) => [level, msg, context])).toEqual(
      ['info a', 'warn b', 'error c', 'debug d', 'trace e', 'fatal f'].map((line) => [
        ...line.split(' '),
        'Here',
      ]),
    );
  });

  it('keeps what Nest says of its own start for debugging', () => {
    const { lines, log } = capture('info');
    log.log('Mapped {/patients, GET} route', 'RouterExplorer');
    log.log('ours', 'Service');
    expect(lines.map(({ msg }) => msg)).toEqual(['ours']);
  });

  it.each([
    [
      'beside a text',
      (log: NestLog) => {
        log.error('It failed', databaseError, 'Here');
      },
    ],
    [
      'as the message',
      (log: NestLog) => {
        log.error(databaseError, undefined, 'Here');
      },
    ],
    [
      'as a stack',
      (log: NestLog) => {
        log.error('It failed', databaseError.stack, 'Here');
      },
    ],
    [
      'in a field',
      (log: NestLog) => {
        log.error('It failed', { err: databaseError }, 'Here');
      },
    ],
    [
      'alone',
      (log: NestLog) => {
        log.fatal(databaseError);
      },
    ],
  ])('never writes the text of an error of the database, given %s', (_, write) => {
    const { lines, log } = capture();
    write(log);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('Işıl');
  });
});

describe('TerminalStream', () => {
  it('writes a line for people, with the fields behind it', () => {
    let text = '';
    const logger = serviceLogger(
      'info',
      new TerminalStream({
        write: (line: string) => {
          text += line;
        },
      }),
    );
    new NestLog(logger).log('Listening', { port: 1 }, 'Service');
    logger.error({ err: databaseError }, 'failed');
    expect(text).toMatch(/^\d\d:\d\d:\d\d INFO {2}\[Service\] Listening port=1\n/);
    expect(text).toMatch(/ERROR.* failed\n\{\n {2}"name": "Error"/);
    expect(text).not.toContain('Işıl');
  });
});
