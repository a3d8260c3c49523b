import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  type Held,
  HoldOrchestrator,
  type PlaceHoldCommand,
  type ReleaseHoldCommand,
} from '../../src/orchestrator/index.js';
import { type LegalHold, LegalHolds } from '../../src/patient/index.js';
import { auditEventsOf } from '../support/patients.js';
import type { Silgi } from '../support/silgi.js';

/** Of the event of a hold on a patient who is live. */
export const NO_DELETION = '00000000-0000-0000-0000-000000000000';
export const OFFICER = {
  requestedBy: 'officer@hospital.example',
  requestedRole: 'privacy-officer',
  requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
} as const;

/** A patient who is held, or is to be. */
export class HeldPatient {
  private readonly orchestrator: HoldOrchestrator;

  constructor(
    private readonly silgi: Silgi,
    readonly patientId: string,
  ) {
    this.orchestrator = silgi.app.get(HoldOrchestrator);
  }

  place(more: Partial<PlaceHoldCommand> = {}): Promise<Held> {
    return this.orchestrator.placeHold({
      ...OFFICER,
      patientId: this.patientId,
      ground: 'LITIGATION',
      reference: '2026/17 E.',
      requestId: randomUUID(),
      ...more,
    });
  }

  release(holdId: string, more: Partial<ReleaseHoldCommand> = {}): Promise<Held> {
    return this.orchestrator.releaseHold({
      ...OFFICER,
      patientId: this.patientId,
      holdId,
      ground: 'CASE_CLOSED',
      requestId: randomUUID(),
      ...more,
    });
  }

  /** His holds, released ones too, newest first. */
  holds(): Promise<LegalHold[]> {
    return this.silgi.app.get(LegalHolds).ofPatient(this.patientId);
  }

  /** What the log says of them, oldest first. */
  async events() {
    const events = await auditEventsOf(this.silgi.database, this.patientId);
    return events.filter(({ action }) => action.includes('LEGAL_HOLD'));
  }

  /** The hold stands, once, with its one event. */
  async assertPlaced({ hold }: Held, deletionId = NO_DELETION): Promise<void> {
    expect(await this.holds()).toEqual([expect.objectContaining({ ...hold, releasedAt: null })]);
    expect(await this.events()).toEqual([
      expect.objectContaining({
        audit_event_id: hold.placedEventId,
        action: 'SYSTEM_PLACE_LEGAL_HOLD',
        actor: OFFICER.requestedBy,
        actor_role: OFFICER.requestedRole,
        reason: 'LITIGATION',
        deletion_id: deletionId,
        purged: null,
        failure: null,
      }),
    ]);
  }

  async assertNotPlaced(): Promise<void> {
    expect([await this.holds(), await this.events()]).toEqual([[], []]);
  }
}
