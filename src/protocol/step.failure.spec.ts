import { describe, expect, it } from '@jest/globals';
import { PatientNotFound } from '../patient/index.js';
import { TableFailure } from '../common/index.js';
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
