import { v7 as uuidv7 } from 'uuid';
import { type AuditAction, type AuditEvent, NO_DELETION } from '../../audit/index.js';
import type { HoldGround, ReleaseGround, Requester } from '../../common/index.js';
import type { LegalHold } from '../../patient/index.js';
import type { Place, RunIds } from '../../protocol/index.js';

/** Whose hold it is, and who asks. */
interface HoldCommand extends Requester {
  readonly patientId: string;
  readonly requestId: string;
  /** A place among the runs under way that the caller has and gives back; one is waited for unless told. */
  readonly place?: Place;
}

/** What a privacy officer asks for where somebody's data has to stay as it is. */
export interface PlaceHoldCommand extends HoldCommand {
  readonly ground: HoldGround;
  /** The number of the case, 1 to 64 characters. */
  readonly reference: string;
}

/** What is asked for where it need not any more. */
export interface ReleaseHoldCommand extends HoldCommand {
  readonly holdId: string;
  readonly ground: ReleaseGround;
}

/** One run. */
abstract class HoldRun {
  readonly patientId: string;
  /** When it takes effect: under the lock, so that the order of holds and deletions is that of their times. */
  protected at = new Date();
  /** Of its audit event, which is that of one attempt. */
  eventId = uuidv7();
  private readonly requestedAt = this.at;

  constructor(
    protected readonly asked: HoldCommand,
    private readonly action: AuditAction,
    readonly ground: HoldGround | ReleaseGround,
    readonly holdId: string,
  ) {
    this.patientId = asked.patientId;
  }

  /** What its lines in the log are known by. */
  get ids(): RunIds {
    return { patientId: this.patientId, holdId: this.holdId, requestId: this.asked.requestId };
  }

  /** Called in each attempt, once the lock is had. */
  begins(): void {
    this.at = new Date();
    this.eventId = uuidv7();
  }

  /** @param deletionId the deletion that hides the patient; null where he is live */
  auditEvent(deletionId: string | null): Readonly<AuditEvent> {
    const { requestedBy: actor, requestedRole: actorRole, requestedVia: actorSource, requestId } = this.asked;
    return {
      patientId: this.patientId,
      auditEventId: this.eventId,
      action: this.action,
      actor,
      actorRole,
      actorSource,
      reason: this.ground,
      legalBasis: null,
      deletionId: deletionId ?? NO_DELETION,
      purged: null,
      failure: null,
      requestId,
      requestedAt: this.requestedAt,
      occurredAt: this.at,
    };
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
