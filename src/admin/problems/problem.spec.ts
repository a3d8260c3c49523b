import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { Forbidden, Unauthenticated } from '../../auth/index.js';
import { DeletionVetoed } from '../../orchestrator/index.js';
import { PatientDeleted } from '../../patient/index.js';
import { ShardFailed, ShardUnavailable } from '../../protocol/index.js';
import { problemOf } from './problem.js';
import { PROBLEMS } from './problem.catalogue.js';

const POINT = { phase: 'PREPARE', shard: 'clinical', step: 'vote clinical' } as const;

/** The table of API.md, written out. */
const CONTRACT = {
  VALIDATION_FAILED: 400,
  UNAUTHENTICATED: 401,
  ERASURE_REQUEST_CLOSED: 409,
  ERASURE_REQUEST_NOT_FOUND: 404,
  EXTENSION_REFUSED: 409,
  NOTHING_TO_TELL: 409,
  FORBIDDEN: 403,
  ROUTE_NOT_FOUND: 404,
  PATIENT_NOT_FOUND: 404,
  DELETION_NOT_FOUND: 404,
  LEGAL_HOLD_NOT_FOUND: 404,
  LEGAL_HOLD_RELEASED: 409,
  AUDIT_EVENT_NOT_FOUND: 404,
  BATCH_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  PATIENT_ALREADY_DELETED: 409,
  DELETION_VETOED: 409,
  RESTORATION_REFUSED: 409,
  DESTRUCTION_REFUSED: 409,
  REQUEST_IN_PROGRESS: 409,
  BATCH_STATE_CONFLICT: 409,
  LIVE_ROWS_FOUND: 409,
  CERTIFICATE_REFUSED: 409,
  PATIENT_DELETED: 410,
  PREVIEW_OUTDATED: 412,
  IDEMPOTENCY_KEY_REUSED: 422,
  BATCH_LIST_UNREADABLE: 422,
  RATE_LIMITED: 429,
  SCAN_IN_PROGRESS: 429,
  SHARD_FAILED: 500,
  DEMOGRAPHICS_NOT_DELETED: 500,
  AUDIT_LOG_DAMAGED: 500,
  INTERNAL_ERROR: 500,
  AUDIT_EVENT_NOT_SEALED: 503,
  AUDIT_LOG_REFUSED: 503,
  SHARD_UNAVAILABLE: 503,
  SIGN_IN_UNAVAILABLE: 503,
};

describe('problemOf', () => {
  it('answers every code with the status of the contract', () => {
    const statuses = Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
    expect(statuses).toEqual(CONTRACT);
  });

  it('says where a deletion failed', () => {
    const failed = problemOf(new ShardFailed('It failed.', { ...POINT, table: 'sharded_tani' }), 'r');
    expect(failed.problem).toEqual({
      type: 'urn:silgi:problem:shard-failed',
      title: PROBLEMS.SHARD_FAILED.title,
      status: 500,
      detail: 'It failed. Everything was rolled back; no row of this patient was changed.',
      instance: 'r',
      code: 'SHARD_FAILED',
      phase: 'PREPARE',
      shard: 'clinical',
      table: 'sharded_tani',
    });
    expect(failed.headers).toEqual({});
    const unavailable = problemOf(new ShardUnavailable('It is away.', POINT), 'r');
    expect(unavailable.headers).toEqual({ 'Retry-After': '5' });
    expect(unavailable.problem).not.toHaveProperty('table');
    expect(unavailable.problem).not.toHaveProperty('step');
  });

  it('lists the vetoes, links the deletion, challenges for a token', () => {
    const blockers = [{ shard: 'patient', code: 'LEGAL_HOLD', detail: 'It stands.' }] as const;
    expect(problemOf(new DeletionVetoed(blockers), 'r').problem).toMatchObject({ blockers });
    expect(problemOf(new PatientDeleted('p', 'd'), 'r').problem.deletion).toBe(
      '/api/v1/patients/p/deletions/d',
    );
    expect(problemOf(new PatientDeleted('p', null), 'r').problem.deletion).toBeNull();
    expect(problemOf(new Unauthenticated(), 'r').headers).toHaveProperty('WWW-Authenticate');
    expect(problemOf(new Forbidden([]), 'r').problem.detail).toBe('No role may make this call.');
  });

  it.each([
    [new NotFoundException('Cannot GET /Işıl'), 404, 'ROUTE_NOT_FOUND'],
    [new BadRequestException('Unexpected token I, "Işıl" is not valid JSON'), 400, 'VALIDATION_FAILED'],
    [new HttpException('Işıl', 415), 400, 'VALIDATION_FAILED'],
    [new HttpException('Işıl', 413), 413, 'VALIDATION_FAILED'],
    [new HttpException('Işıl', 502), 500, 'INTERNAL_ERROR'],
    [Object.assign(new Error('Işıl'), { code: 'ECONNREFUSED' }), 503, 'SHARD_UNAVAILABLE'],
    [Object.assign(new Error('Işıl'), { severity: 'ERROR', code: '57014' }), 503, 'SHARD_UNAVAILABLE'],
    [Object.assign(new Error('Işıl'), { severity: 'ERROR', code: '23505' }), 500, 'INTERNAL_ERROR'],
    [new Error('Işıl'), 500, 'INTERNAL_ERROR'],
    [undefined, 500, 'INTERNAL_ERROR'],
  ])('repeats nothing of %s', (error, status, code) => {
    const { problem } = problemOf(error, 'r');
    expect(problem).toMatchObject({ status, code, instance: 'r' });
    expect(JSON.stringify(problem)).not.toContain('Işıl');
  });
});
