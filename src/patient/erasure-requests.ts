import { Injectable, Optional } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { onOneSession } from '../postgres/index.js';
import { PATIENT_ID } from '../shards/index.js';
import { ControllersCalendar } from './controllers.calendar.js';
import { type RequestState, type StandingRequest, standingRequests } from './erasure-request.states.js';
import { ErasureRequestNotFound } from './patient.errors.js';

/** How many requests wait. */
export interface WaitingRequests {
  readonly open: number;
  /** Of the open ones. */
  readonly overdue: number;
  readonly deferred: number;
  /** Of the deferred ones, those whose day is over. */
  readonly late: number;
}

/** In the words of the index by which the few are found. */
const UNCLOSED = 'closed_as IS NULL';

/** Reads requests of data subjects, newest first. */
@Injectable()
export class ErasureRequests {
  /** @param calendar the usual one unless told */
  constructor(
    private readonly manager: EntityManager,
    @Optional() private readonly calendar: ControllersCalendar = new ControllersCalendar(),
  ) {}

  /**
   * @param filter.overdue only open ones whose day is over
   * @param filter.before only requests older than this one (a request's id: the cursor)
   * @param filter.limit at most so many
   * @param signal ends the reading
   */
  page(
    filter: {
      readonly state?: RequestState | undefined;
      readonly overdue?: boolean | undefined;
      readonly patientId?: string | undefined;
      readonly before?: string | undefined;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<StandingRequest[]> {
    const { state, overdue, patientId, before, limit } = filter;
    const values: unknown[] = [];
    const param = (value: unknown) => `$${values.push(value) + 1}`;
    const isUnclosed =
      overdue === true || (state !== undefined && state !== 'REFUSED' && state !== 'WITHDRAWN');
    const conditions = [
      ...(isUnclosed ? [UNCLOSED] : []),
      ...(state === 'REFUSED' ? [`closed_as = 'REFUSED'`] : []),
      ...(state === undefined ? [] : [`state = ${param(state)}`]),
      ...(overdue === undefined ? [] : [`overdue = ${param(overdue)}`]),
      ...(patientId === undefined ? [] : [`${PATIENT_ID} = ${param(patientId)}`]),
      ...(before === undefined ? [] : [`erasure_request_id < ${param(before)}`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const text = standingRequests(`${where} ORDER BY erasure_request_id DESC LIMIT ${param(limit)}`);
    return onOneSession(this.manager, ({ manager }) => this.read(manager, text, values), signal);
  }

  /** @throws ErasureRequestNotFound */
  async get(erasureRequestId: string): Promise<StandingRequest> {
    const text = standingRequests('WHERE erasure_request_id = $2');
    const [request] = await this.read(this.manager, text, [erasureRequestId]);
    if (request === undefined) throw new ErasureRequestNotFound();
    return request;
  }

  /** Counts those that nobody has answered. @param signal ends the counting */
  async waiting(signal?: AbortSignal): Promise<WaitingRequests> {
    const text = `SELECT count(*) FILTER (WHERE state = 'OPEN') AS open, count(*) FILTER (WHERE overdue) AS overdue,
        count(*) FILTER (WHERE state = 'DEFERRED') AS deferred,
        count(*) FILTER (WHERE state = 'DEFERRED' AND "dueOn"::date < $1::date) AS late
      FROM (${standingRequests(`WHERE ${UNCLOSED}`)}) waiting`;
    const [row] = await onOneSession(
      this.manager,
      ({ manager }) => manager.query<Record<keyof WaitingRequests, string>[]>(text, [this.calendar.today()]),
      signal,
    );
    return {
      open: Number(row?.open),
      overdue: Number(row?.overdue),
      deferred: Number(row?.deferred),
      late: Number(row?.late),
    };
  }

  private read(manager: EntityManager, text: string, values: readonly unknown[]): Promise<StandingRequest[]> {
    return manager.query<StandingRequest[]>(text, [this.calendar.today(), ...values]);
  }
}
