import { declareSteps, type Step, stepsOf } from '../../protocol/index.js';

/**
 * The steps by which a data subject's request is recorded or answered, in their order. They take the lock of a deletion:
 * one that names the request finds it open, or is there when it is answered.
 */
export const REQUEST_STEPS = declareSteps({
  lock: { phase: 'PREPARE', shard: 'patient' },
  'read requests': { phase: 'PREPARE', shard: 'patient', after: ['lock'] },
  audit: { phase: 'EXECUTE', shard: 'audit', after: ['read requests'] },
  request: { phase: 'EXECUTE', shard: 'patient', after: ['read requests'] },
  'read back': { phase: 'EXECUTE', shard: 'patient', after: ['request'] },
});

export type RequestStep = keyof typeof REQUEST_STEPS;

/** What the actions are called in logs and traces. */
export const REQUEST_RECORDING = 'erasure request';
export const REQUEST_EXTENSION = 'extension of an erasure request';
export const REQUEST_CLOSING = 'closing of an erasure request';

/** Every step of each, with those around it that the protocol itself takes. */
export const ALL_REQUEST_STEPS: readonly Step[] = stepsOf({ home: 'patient', steps: REQUEST_STEPS });
