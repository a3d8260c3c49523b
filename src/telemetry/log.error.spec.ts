import { describe, expect, it } from '@jest/globals';
import { EntityNotFoundError, QueryFailedError } from 'typeorm';
import { ShardFailed } from '../protocol/index.js';
import { TableFailure } from '../common/index.js';
import { loggableError } from './log.error.js';

/** What pg makes of a violated constraint; every text of it may hold a value of the row. */
function databaseError(): Error {
  return Object.assign(new Error('duplicate key value violates "k", Işıl'), {
    severity: 'ERROR',
    code: '23505',
    detail: 'Key (name)=(Işıl) already exists.',
    where: 'Işıl',
    schema: 'clinical',
    table: 'sharded_tani',
    constraint: 'k',
    routine: '_bt_check_unique',
  });
}

function failure(): ShardFailed {
  const query = new QueryFailedError("INSERT INTO t VALUES ('Işıl')", ['Işıl'], databaseError());
  return new ShardFailed(
    'The clinical shard failed.',
    { phase: 'EXECUTE', shard: 'clinical', step: 'mark clinical' },
    { cause: new TableFailure('sharded_tani', query) },
  );
}

function codeOf(error: unknown): object {
  return (error as { code?: unknown }).code === undefined ? {} : { code: expect.any(String) };
}

describe('loggableError', () => {
  it('keeps what locates a failure through the whole chain', () => {
    const logged = loggableError(failure());
    expect(logged).toMatchObject({
      name: 'ShardFailed',
      code: 'SHARD_FAILED',
      message: expect.stringContaining('The clinical shard failed.'),
      point: { phase: 'EXECUTE', shard: 'clinical', step: 'mark clinical' },
      cause: {
        message: 'A statement on sharded_tani failed.',
        cause: {
          name: 'QueryFailedError',
          cause: {
            code: '23505',
            schema: 'clinical',
            table: 'sharded_tani',
            constraint: 'k',
            routine: '_bt_check_unique',
          },
        },
      },
    });
    expect(logged.at?.[0]).toMatch(/log\.error\.spec/);
  });

  it('keeps nothing of a statement, its parameters or the texts of the database', () => {
    const error = failure();
    error.suppressed.push(databaseError(), new AggregateError([databaseError()], 'several'));
    expect(JSON.stringify(loggableError(error))).not.toMatch(/Işıl|INSERT/);
    expect(loggableError(error).suppressed).toHaveLength(2);
  });

  it('keeps no text that may repeat what was given: of the language, of Node, of TypeORM', () => {
    const parsed = () => JSON.parse('Işıl') as unknown;
    const typed = () => Buffer.from(BigInt('1980') as unknown as string);
    const native = [parsed, typed].map((act) => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    });
    for (const error of [...native, new Error('Işıl'), new EntityNotFoundError('t', { name: 'Işıl' })]) {
      const logged = loggableError(error);
      expect(logged).toEqual({ name: expect.any(String), at: expect.any(Array), ...codeOf(error) });
      expect(JSON.stringify(logged)).not.toMatch(/Işıl|1980/);
    }
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { syscall: 'connect' });
    expect(loggableError(refused).message).toBe(refused.message);
    expect(loggableError(new Error('Connection terminated unexpectedly'))).toHaveProperty('message');
  });

  it('survives what is no error, and a chain that bites its own tail', () => {
    expect(loggableError('Işıl')).toEqual({ name: 'string' });
    const tail = new Error('tail');
    tail.cause = tail;
    expect(JSON.stringify(loggableError(tail)).length).toBeLessThan(20_000);
  });
});
