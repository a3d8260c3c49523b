import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  type Answered,
  type ExtendRequestCommand,
  type RecordRequestCommand,
  type RefuseRequestCommand,
  RequestOrchestrator,
} from '../../src/orchestrator/index.js';
import { ErasureRequests, type StandingRequest } from '../../src/patient/index.js';
import { auditEventsOf } from '../support/patients.js';
import type { Silgi } from '../support/silgi.js';
import { OFFICER } from './hold.stage.js';

/** A patient who has asked for the erasure of his data, or is to. */
export class AskingPatient {
  private readonly orchestrator: RequestOrchestrator;

  constructor(
    private readonly silgi: Silgi,
    readonly patientId: string,
  ) {
    this.orchestrator = silgi.app.get(RequestOrchestrator);
  }

  record(more: Partial<RecordRequestCommand> = {}): Promise<Answered> {
    return this.orchestrator.recordRequest({ ...this.asked(), receivedOn: today(), channel: 'KEP', ...more });
  }

  extend(erasureRequestId: string, more: Partial<ExtendRequestCommand> = {}): Promise<Answered> {
    return this.orchestrator.extendRequest({
      ...this.asked(),
      erasureRequestId,
      reason: 'COMPLEXITY',
      ...more,
    });
  }

  refuse(erasureRequestId: string, more: Partial<RefuseRequestCommand> = {}): Promise<Answered> {
    return this.orchestrator.refuseRequest({
      ...this.asked(),
      erasureRequestId,
      ground: 'GDPR_ART_17_3_B',
      ...more,
    });
  }

  withdraw(erasureRequestId: string): Promise<Answered> {
    return this.orchestrator.withdrawRequest({ ...this.asked(), erasureRequestId });
  }

  /** His requests as they are, the last recorded first. */
  requests(): Promise<StandingRequest[]> {
    return this.silgi.app.get(ErasureRequests).page({ patientId: this.patientId, limit: 100 });
  }

  /** The one request of this patient. */
  async request(): Promise<StandingRequest> {
    const [request, ...others] = await this.requests();
    if (request === undefined || others.length > 0) throw new Error('The patient has not one request.');
    return request;
  }

  /** What the log says of them, oldest first. */
  async events() {
    const events = await auditEventsOf(this.silgi.database, this.patientId);
    return events.filter(({ action }) => action.includes('ERASURE_REQUEST'));
  }

  /** The request is there, once, as it was recorded, with its one event. */
  async assertRecorded({ request }: Answered): Promise<void> {
    expect(await this.requests()).toEqual([request]);
    expect(await this.events()).toEqual([
      expect.objectContaining({
        audit_event_id: request.recordedEventId,
        action: 'SYSTEM_RECORD_ERASURE_REQUEST',
        actor: OFFICER.requestedBy,
        actor_role: OFFICER.requestedRole,
        reason: 'KEP',
        purged: null,
        failure: null,
      }),
    ]);
  }

  async assertNotRecorded(): Promise<void> {
    expect([await this.requests(), await this.events()]).toEqual([[], []]);
  }

  private asked() {
    return { ...OFFICER, patientId: this.patientId, requestId: randomUUID() };
  }
}

/** The day in Istanbul, so many days from today. */
export function today(days = 0): string {
  // Istanbul has been three hours ahead of UTC, in summer and winter, since 2016.
  return new Date(Date.now() + (days * 24 + 3) * 3_600_000).toISOString().slice(0, 10);
}
