import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { CommandFailed } from '../../src/common/index.js';
import { ConfigurationError } from '../../src/config/index.js';
import { exitCodeOf, messageOf } from '../../src/cli/exit.code.js';

const refused = Object.assign(new Error('a value of a row'), {
  driverError: Object.assign(new TypeError('x'), { code: '42501' }),
});

describe('a command that has thrown ends with', () => {
  it.each([
    ['its own code where it gave one', new CommandFailed('interrupted', 130), 130],
    ['0 where help was asked for', new CommanderError(0, 'commander.help', ''), 0],
    ['2 for wrong usage', new CommanderError(1, 'commander.unknownOption', ''), 2],
    ['2 for wrong configuration', new ConfigurationError('PORT'), 2],
    ['1 where the database refuses', refused, 1],
    ['1 where the database is away', new Error('Connection terminated unexpectedly'), 1],
    ['1 where a file cannot be written', Object.assign(new Error('x'), { code: 'ENOSPC' }), 1],
    ['4 where the stack is too small', new RangeError('Maximum call stack size exceeded'), 4],
    ['4 where the program is wrong', new TypeError('x is not a function'), 4],
    ['4 where something else than an error was thrown', 'x', 4],
  ])('%s', (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('words that say of a crash that it is no verdict, and quote no row of the database', () => {
    expect(messageOf(new RangeError('Maximum call stack size exceeded'))).toMatch(/no result.*call stack/);
    expect(messageOf(refused)).toMatch(/SQLSTATE 42501/);
    expect(messageOf(refused)).not.toContain('a value');
  });
});
