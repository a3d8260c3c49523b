import type { WireProxy } from '../support/wire.proxy.js';
import type { History } from './history.js';
import type { Hospital } from './hospital.js';
import type { PatientWaves } from './patient.waves.js';
import type { ServiceProcess } from './service.process.js';

/** What everybody who takes part in a run can reach. */
export interface Arena {
  readonly seed: string;
  readonly clients: number;
  readonly history: History;
  readonly hospital: Hospital;
  readonly waves: PatientWaves;
  readonly services: readonly ServiceProcess[];
  /** Before each service, its way to the database, by the service's number. */
  readonly proxies: readonly WireProxy[];
  /** Bearer token of a system administrator who is the privacy officer, too. */
  readonly token: string;
  /** Nobody begins anything new after this. */
  readonly stopping: AbortSignal;
  /** Long after the last fault: who has no definite answer by now will not get one. */
  readonly givenUp: AbortSignal;
}
