import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { ShardFailed, TableFailure } from '../common/index.js';
import { loggableError } from './log.error.js';

/** What pg makes of a violated constraint; every text of it may hold a value of the row. */
function databaseError(): Error {
  return Object.assign(new Error('duplicate key value violates "k", Işıl'), {
    ...{ severity: 'ERROR', code: '23505', detail: 'Key (name)=(Işıl) already exists.', where: 'Işıl' },
    ...{ schema: 'clinical', table: 'sharded_tani', constraint: 'k', routine: '_bt_check_unique' },
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
            ...{ code: '23505', schema: 'clinical', table: 'sharded_tani', constraint: 'k' },
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

  it('survives what is no error, and a chain that bites its own tail', () => {
    expect(loggableError('Işıl')).toEqual({ name: 'string' });
    const tail = new Error('tail');
    tail.cause = tail;
    expect(JSON.stringify(loggableError(tail)).length).toBeLessThan(20_000);
  });
});
