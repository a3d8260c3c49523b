import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { AuditRepository } from '../../src/audit/index.js';
import {
  HoldOrchestrator,
  type PlaceHoldCommand,
  type RecordRequestCommand,
  RequestOrchestrator,
} from '../../src/orchestrator/index.js';
import { ErasureRequestRepository, LegalHoldRepository } from '../../src/patient/index.js';
import { NO_DELETION, OFFICER } from '../orchestrator/hold.stage.js';
import { today } from '../orchestrator/request.stage.js';
import { auditEventsOf } from '../support/patients.js';
import type { Calls, Command, PlayedAction } from './action.js';
import type { Matrix } from './matrix.js';
import { HOLD_MATRIX, REQUEST_MATRIX } from './record.matrices.js';

/** Where a record is kept, and by which methods it is written. */
interface Kept {
  readonly matrix: Matrix;
  readonly key: 'holdId' | 'erasureRequestId';
  readonly table: string;
  readonly id: string;
  readonly calls: (write: string) => Calls;
}

const HOLD: Kept = {
  matrix: HOLD_MATRIX,
  key: 'holdId',
  table: 'patient.sharded_legal_hold',
  id: 'hold_id',
  calls: (write) => ({
    lock: [LegalHoldRepository, 'lock'],
    'read holds': [LegalHoldRepository, 'ofPatient'],
    audit: [AuditRepository, 'append'],
    hold: [LegalHoldRepository, write],
  }),
};

const REQUEST: Kept = {
  matrix: REQUEST_MATRIX,
  key: 'erasureRequestId',
  table: 'patient.sharded_erasure_request',
  id: 'erasure_request_id',
  calls: (write) => ({
    lock: [ErasureRequestRepository, 'lock'],
    'read requests': [ErasureRequestRepository, 'ofPatient'],
    audit: [AuditRepository, 'append'],
    request: [ErasureRequestRepository, write],
    'read back': [ErasureRequestRepository, 'ofPatient'],
  }),
};

const asked = (patientId: string) => ({ ...OFFICER, patientId, requestId: randomUUID() });
const hold = (patientId: string): PlaceHoldCommand => ({
  ...asked(patientId),
  ground: 'LITIGATION',
  reference: '2026/17 E.',
});
const request = (patientId: string): RecordRequestCommand => ({
  ...asked(patientId),
  receivedOn: today(),
  channel: 'KEP',
});
/** Another hold, or request, of the patient is there: what is to be written is not the only one that is read. */
const beside = {
  hold: async (app: INestApplicationContext, patientId: string) => {
    await app.get(HoldOrchestrator).placeHold({ ...hold(patientId), ground: 'REGULATOR' });
    return hold(patientId);
  },
  request: async (app: INestApplicationContext, patientId: string) => {
    await app.get(RequestOrchestrator).recordRequest({ ...request(patientId), channel: 'NOTARY' });
    return request(patientId);
  },
};
const placed = async (app: INestApplicationContext, patientId: string) => {
  const { holdId } = (await app.get(HoldOrchestrator).placeHold(hold(patientId))).hold;
  return { ...asked(patientId), holdId };
};
const recorded = async (app: INestApplicationContext, patientId: string) => {
  const { erasureRequestId } = (await app.get(RequestOrchestrator).recordRequest(request(patientId))).request;
  return { ...asked(patientId), erasureRequestId };
};

/**
 * An action that writes a record with its audit event.
 *
 * @param told.write the method of the repository
 * @param told.event the action of its audit event
 * @param told.eventId in its answer, and `eventColumn` in the table: the id of that event
 * @param told.conflicts the steps at which the short form plays a conflict: one action stands for those of its steps
 * @param told.refused what is asked for in another way is refused, once it is done, with this code
 */
function action(
  name: PlayedAction['name'],
  kept: Kept,
  told: {
    readonly write: string;
    readonly event: string;
    readonly eventId: string;
    readonly eventColumn: string;
    readonly prepare: PlayedAction['prepare'];
    readonly conflicts?: Matrix['steps'];
    readonly refused?: readonly [otherwise: object, code: string];
  },
): PlayedAction {
  const { matrix, key, table, id } = kept;
  const { write, event, eventId, eventColumn, prepare, conflicts = [], refused } = told;
  return {
    name,
    matrix,
    key,
    calls: kept.calls(write),
    isFailureRecorded: false,
    short: { EXC: matrix.steps, SER: conflicts, CUB: ['commit'], CUA: ['commit'] },
    prepare,
    /** A repeat is answered with what is there. */
    rivals(command: Command, answer: object | undefined) {
      const again = [command, { replayed: true, answer: { ...answer } }] as const;
      if (refused === undefined) return [again];
      const [otherwise, code] = refused;
      return [again, [{ ...command, ...otherwise }, { error: { code } }]];
    },
    async assertDone(scene, answer: Readonly<Record<string, unknown>> | undefined) {
      const { database } = scene.stage;
      const records = await database.query<{ id: string; event: string }>(
        `SELECT ${id} AS id, ${eventColumn} AS event FROM ${table}
         WHERE patient_id = $1 AND ${eventColumn} <> ALL ($2::uuid[])`,
        [scene.patientId, scene.eventsBefore],
      );
      expect(records).toEqual([
        { id: answer?.[key] ?? expect.any(String), event: answer?.[eventId] ?? expect.any(String) },
      ]);
      const events = await auditEventsOf(database, scene.patientId);
      expect(events.slice(0, -1).map(({ audit_event_id }) => audit_event_id)).toEqual(scene.eventsBefore);
      expect(events.at(-1)).toMatchObject({
        audit_event_id: records[0]?.event,
        action: event,
        actor: OFFICER.requestedBy,
        deletion_id: NO_DELETION,
        purged: null,
        failure: null,
      });
      expect(await scene.digest(table)).toBe(scene.digestBefore(table));
    },
  };
}

/** What is written about a patient under his lock: legal holds, and the requests of data subjects. */
export const recordActions: readonly PlayedAction[] = [
  action('placement', HOLD, {
    write: 'place',
    event: 'SYSTEM_PLACE_LEGAL_HOLD',
    eventId: 'placedEventId',
    eventColumn: 'placed_event_id',
    prepare: beside.hold,
    conflicts: HOLD_MATRIX.steps,
  }),
  action('release', HOLD, {
    write: 'release',
    event: 'SYSTEM_RELEASE_LEGAL_HOLD',
    eventId: 'releasedEventId',
    eventColumn: 'released_event_id',
    prepare: async (app, patientId) => ({ ...(await placed(app, patientId)), ground: 'CASE_CLOSED' }),
    refused: [{ ground: 'PERIOD_OVER' }, 'LEGAL_HOLD_RELEASED'],
  }),
  action('recording', REQUEST, {
    write: 'record',
    event: 'SYSTEM_RECORD_ERASURE_REQUEST',
    eventId: 'recordedEventId',
    eventColumn: 'recorded_event_id',
    prepare: beside.request,
    conflicts: REQUEST_MATRIX.steps,
  }),
  action('extension', REQUEST, {
    write: 'extend',
    event: 'SYSTEM_EXTEND_ERASURE_REQUEST',
    eventId: 'extendedEventId',
    eventColumn: 'extended_event_id',
    prepare: async (app, patientId) => ({ ...(await recorded(app, patientId)), reason: 'COMPLEXITY' }),
    refused: [{ reason: 'NUMBER_OF_REQUESTS' }, 'EXTENSION_REFUSED'],
  }),
  action('refusal', REQUEST, {
    write: 'close',
    event: 'SYSTEM_REFUSE_ERASURE_REQUEST',
    eventId: 'closedEventId',
    eventColumn: 'closed_event_id',
    prepare: async (app, patientId) => ({ ...(await recorded(app, patientId)), ground: 'GDPR_ART_17_3_B' }),
    refused: [{ ground: 'GDPR_ART_17_3_A' }, 'ERASURE_REQUEST_CLOSED'],
  }),
  action('withdrawal', REQUEST, {
    write: 'close',
    event: 'SYSTEM_WITHDRAW_ERASURE_REQUEST',
    eventId: 'closedEventId',
    eventColumn: 'closed_event_id',
    prepare: recorded,
  }),
];
