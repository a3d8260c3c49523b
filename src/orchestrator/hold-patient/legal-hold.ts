import { v7 as uuidv7 } from 'uuid';
import type { AuditAction } from '../../audit/index.js';
import type { HoldGround, ReleaseGround } from '../../common/index.js';
import type { LegalHold } from '../../patient/index.js';
import type { RunIds } from '../../protocol/index.js';
import { type RecordCommand, RecordedRun } from '../recorded.run.js';

/** What a privacy officer asks for where somebody's data has to stay as it is. */
export interface PlaceHoldCommand extends RecordCommand {
  readonly ground: HoldGround;
  /** The number of the case, 1 to 64 characters. */
  readonly reference: string;
}

/** What is asked for where it need not any more. */
export interface ReleaseHoldCommand extends RecordCommand {
  readonly holdId: string;
  readonly ground: ReleaseGround;
}

/** One run. */
abstract class HoldRun extends RecordedRun {
  constructor(
    asked: RecordCommand,
    action: AuditAction,
    readonly ground: HoldGround | ReleaseGround,
    readonly holdId: string,
  ) {
    super(asked, action, ground);
  }

  /** What its lines in the log are known by. */
  get ids(): RunIds {
    return { patientId: this.patientId, holdId: this.holdId, requestId: this.asked.requestId };
  }
}

/** A hold that is placed. */
export class HoldPlacement extends HoldRun {
  constructor(private readonly command: PlaceHoldCommand) {
    super(command, 'SYSTEM_PLACE_LEGAL_HOLD', command.ground, uuidv7());
  }

  /** The hold that this one would be a second of: the same case, on the same ground. */
  standingAmong(holds: readonly LegalHold[]): LegalHold | undefined {
    const { ground, reference } = this.command;
    return holds.find(
      (hold) => hold.releasedAt === null && hold.ground === ground && hold.reference === reference,
    );
  }

  hold(): Readonly<LegalHold> {
    const { patientId, ground, reference, requestedBy } = this.command;
    return {
      patientId,
      holdId: this.holdId,
      ground,
      reference,
      placedBy: requestedBy,
      placedAt: this.at,
      placedEventId: this.eventId,
      releasedBy: null,
      releasedAt: null,
      releaseGround: null,
      releasedEventId: null,
    };
  }
}

/** A hold that is released. */
export class HoldRelease extends HoldRun {
  constructor(private readonly command: ReleaseHoldCommand) {
    super(command, 'SYSTEM_RELEASE_LEGAL_HOLD', command.ground, command.holdId);
  }

  released(hold: Readonly<LegalHold>): Readonly<LegalHold> {
    return {
      ...hold,
      releasedBy: this.command.requestedBy,
      releasedAt: this.at,
      releaseGround: this.command.ground,
      releasedEventId: this.eventId,
    };
  }
}
