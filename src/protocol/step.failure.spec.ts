import { describe, expect, it } from '@jest/globals';
import { PatientNotFound } from '../patient/index.js';
import { SessionRefused, TableFailure } from '../common/index.js';
import { commitFailureOf, failureOf } from './step.failure.js';

const databaseError = (code: string, more: object = {}) =>
  Object.assign(new Error('secret value of a patient'), { code, severity: 'ERROR', ...more });

const LOCK = { name: 'lock', phase: 'PREPARE', shard: 'patient' } as const;
const MARK = { name: 'mark clinical', phase: 'EXECUTE', shard: 'clinical' } as const;
const COMMIT = { name: 'commit', phase: 'COMMIT', shard: 'patient' } as const;

describe('the error of a step', () => {
  it('of the domain passes unchanged', () => {
    const error = new PatientNotFound('x');
    expect(failureOf(LOCK, error)).toBe(error);
  });

  it.each([
    ['40001', 'SHARD_UNAVAILABLE', true],
    ['40P01', 'SHARD_UNAVAILABLE', true],
    ['55P03', 'SHARD_UNAVAILABLE', false],
    ['57014', 'SHARD_UNAVAILABLE', false],
    ['57P01', 'SHARD_UNAVAILABLE', false],
    ['08006', 'SHARD_UNAVAILABLE', false],
    ['53300', 'SHARD_UNAVAILABLE', false],
    ['25006', 'SHARD_UNAVAILABLE', false],
    ['28P01', 'SHARD_UNAVAILABLE', false],
    ['28000', 'SHARD_UNAVAILABLE', false],
    ['3D000', 'SHARD_UNAVAILABLE', false],
    ['57P03', 'SHARD_UNAVAILABLE', false],
    ['57P04', 'SHARD_UNAVAILABLE', false],
    ['ECONNREFUSED', 'SHARD_UNAVAILABLE', false],
    ['23503', 'SHARD_FAILED', undefined],
    ['P0001', 'SHARD_FAILED', undefined],
    ['53100', 'SHARD_FAILED', undefined],
  ])('with SQLSTATE %s becomes %s', (sqlstate, code, retryable) => {
    const failure = failureOf(MARK, databaseError(sqlstate));
    expect(failure).toMatchObject({
      code,
      point: { phase: 'EXECUTE', shard: 'clinical', step: 'mark clinical' },
    });
    expect((failure as { retryable?: boolean }).retryable).toBe(retryable);
  });

  it.each([
    ['55P03', 'is locked: another session held a row or a table'],
    ['57014', 'did not answer in time'],
    ['25006', 'is read-only'],
    ['53300', 'has no connection left'],
    ['28P01', 'refuses the login'],
    ['3D000', 'is not there: the server has no database of this name'],
    ['ECONNREFUSED', 'cannot be reached'],
    ['53100', 'has no space left on its disk (53100)'],
    ['42501', 'does not let the role of the service do what a deletion needs (42501)'],
    ['P0001', 'failed (P0001)'],
  ])('with %s says what leads to the cause', (sqlstate, words) => {
    expect(failureOf(MARK, databaseError(sqlstate)).message).toContain(`The clinical shard ${words}`);
  });

  it('without a session that may be used says so, and that nothing was changed', () => {
    const failure = failureOf(LOCK, new SessionRefused('row_security is off'));
    expect(failure).toMatchObject({ code: 'SHARD_UNAVAILABLE', retryable: false });
    expect(failure.message).toBe(
      'The patient shard has settings under which nothing is deleted; the log names them. Nothing was changed; try ' +
        'again later.',
    );
  });

  it('that brought a character the encoding lacks says so, and that nothing was changed', () => {
    const failure = failureOf(MARK, databaseError('22P05'));
    expect(failure).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(failure.message).toContain('Everything was rolled back; nothing was changed.');
    expect(failure.message).not.toContain('secret');
  });

  it('names the table of the statement, and says nothing of what the database said', () => {
    const failure = failureOf(MARK, new TableFailure('sharded_tani', databaseError('P0001')));
    expect(failure).toMatchObject({ point: { table: 'sharded_tani' } });
    expect(failure.message).not.toContain('secret');
  });

  it('at the commit names the shard whose table failed', () => {
    const error = databaseError('23503', { schema: 'finance', table: 'sharded_fatura' });
    expect(commitFailureOf(COMMIT, error)).toMatchObject({
      point: { phase: 'COMMIT', shard: 'finance', table: 'sharded_fatura' },
    });
    expect(commitFailureOf(COMMIT, databaseError('23503', { schema: 'other' }))).toMatchObject({
      point: { shard: 'patient' },
    });
    expect(commitFailureOf(COMMIT, databaseError('40001', { schema: 'finance' }))).toMatchObject({
      code: 'SHARD_UNAVAILABLE',
    });
  });
});
