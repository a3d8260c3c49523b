import { PATIENT_ID } from '../http/examples.js';

/** A data subject's request from beginning to end, in made-up values: examples of the API's documentation. */
export const RECORDING = { patientId: PATIENT_ID, receivedOn: '2026-11-20', channel: 'KEP' };
export const EXTENSION = { reason: 'COMPLEXITY' };
export const REFUSAL = { ground: 'GDPR_ART_17_3_B' };

export const ERASURE_REQUEST = {
  requestId: '019ac0d0-7e1c-7a44-93b2-5f0d2c8e6b19',
  ...RECORDING,
  state: 'OPEN',
  dueOn: '2026-12-20',
  overdue: false,
  recordedBy: 'officer@hospital.example',
  recordedAt: '2026-11-23T09:12:40.118Z',
  recordedEventId: '019ac0d0-7e1d-7c05-8f6a-1b3e9d2f7a60',
  extensionReason: null,
  extendedBy: null,
  extendedAt: null,
  extendedEventId: null,
  deletionId: null,
  deletedAt: null,
  closingGround: null,
  closedBy: null,
  closedAt: null,
  closedEventId: null,
};

/** The same, extended. */
export const EXTENDED_REQUEST = {
  ...ERASURE_REQUEST,
  dueOn: '2027-02-20',
  extensionReason: EXTENSION.reason,
  extendedBy: ERASURE_REQUEST.recordedBy,
  extendedAt: '2026-12-02T10:31:05.007Z',
  extendedEventId: '019ade0b-4b10-7b1c-a3d4-6e5f7a8b9c01',
};

/** The same, refused. */
export const REFUSED_REQUEST = {
  ...ERASURE_REQUEST,
  state: 'REFUSED',
  closingGround: REFUSAL.ground,
  closedBy: ERASURE_REQUEST.recordedBy,
  closedAt: '2026-12-01T08:00:12.450Z',
  closedEventId: '019ad85b-1f3a-7d20-8c1e-2a4b6c8d0e1f',
};

/** The same, withdrawn. */
export const WITHDRAWN_REQUEST = {
  ...REFUSED_REQUEST,
  state: 'WITHDRAWN',
  closingGround: 'REQUEST_WITHDRAWN',
};
