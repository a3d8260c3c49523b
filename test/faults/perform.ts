import type { INestApplicationContext } from '@nestjs/common';
import {
  type Answered,
  type DeletePatientCommand,
  type ExtendRequestCommand,
  type Held,
  HoldOrchestrator,
  PatientOrchestrator,
  type PlaceHoldCommand,
  type RecordRequestCommand,
  type RefuseRequestCommand,
  type ReleaseHoldCommand,
  RequestOrchestrator,
  type WithdrawRequestCommand,
} from '../../src/orchestrator/index.js';

/** What a caller is answered. */
export interface Performed {
  readonly answer: object;
  readonly replayed: boolean;
}

const held = ({ hold, replayed }: Held): Performed => ({ answer: hold, replayed });
const answered = ({ request, replayed }: Answered): Performed => ({ answer: request, replayed });

/** Every action that the matrix plays, as a caller starts it: in a process of the tests, or in one that is killed. */
export const PERFORM = {
  deletion: (app: INestApplicationContext, command: DeletePatientCommand): Promise<Performed> =>
    app.get(PatientOrchestrator).deletePatient(command),
  placement: async (app: INestApplicationContext, command: PlaceHoldCommand) =>
    held(await app.get(HoldOrchestrator).placeHold(command)),
  release: async (app: INestApplicationContext, command: ReleaseHoldCommand) =>
    held(await app.get(HoldOrchestrator).releaseHold(command)),
  recording: async (app: INestApplicationContext, command: RecordRequestCommand) =>
    answered(await app.get(RequestOrchestrator).recordRequest(command)),
  extension: async (app: INestApplicationContext, command: ExtendRequestCommand) =>
    answered(await app.get(RequestOrchestrator).extendRequest(command)),
  refusal: async (app: INestApplicationContext, command: RefuseRequestCommand) =>
    answered(await app.get(RequestOrchestrator).refuseRequest(command)),
  withdrawal: async (app: INestApplicationContext, command: WithdrawRequestCommand) =>
    answered(await app.get(RequestOrchestrator).withdrawRequest(command)),
};

export type ActionName = keyof typeof PERFORM;

/** Whatever it is called, and whatever it takes: a command has a patient. */
export function perform(
  app: INestApplicationContext,
  name: ActionName,
  command: { readonly patientId: string },
): Promise<Performed> {
  const start: (app: INestApplicationContext, command: never) => Promise<Performed> = PERFORM[name];
  return start(app, command as never);
}
