import { PATIENT_ID } from '../http/examples.js';

/** A legal hold from beginning to end, in made-up values: examples of the API's documentation. */
export const HOLD_REQUEST = { ground: 'LITIGATION', reference: '2026/1184 E.' };
export const RELEASE_REQUEST = { ground: 'CASE_CLOSED' };

export const HOLD = {
  holdId: '019ac0d2-1f0a-7b61-8c55-3e9b7d40f2aa',
  patientId: PATIENT_ID,
  state: 'STANDING',
  ...HOLD_REQUEST,
  placedBy: 'officer@hospital.example',
  placedAt: '2026-11-23T12:58:31.007Z',
  placedEventId: '019ac0d2-1f0b-7e12-9d04-8b1c6a5f3e70',
  releasedBy: null,
  releasedAt: null,
  releaseGround: null,
  releasedEventId: null,
};

/** The same hold, released two days later. */
export const RELEASED_HOLD = {
  ...HOLD,
  state: 'RELEASED',
  releasedBy: HOLD.placedBy,
  releasedAt: '2026-11-25T08:02:17.550Z',
  releaseGround: RELEASE_REQUEST.ground,
  releasedEventId: '019aca14-5c2e-7a90-b3f1-2d6e8c9b0a47',
};
