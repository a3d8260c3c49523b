import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { AuditRepository } from '../../audit/index.js';
import { ClinicalRepository } from '../../clinical/index.js';
import { isConnectionLost, type Obstacle, obstacleOf } from '../../common/index.js';
import { FinanceRepository } from '../../finance/index.js';
import { PatientNotFound, PatientRepository } from '../../patient/index.js';
import { inTransaction, LOOKUP_SETTINGS, sessionOf, setLocally } from '../../postgres/index.js';
import { Deletion } from '../delete-patient/deletion.js';

/** Whoever asks waits no longer; the probe goes on, and its answer is there for whoever asks next. */
const ANSWER_WITHIN_MS = 5_000;
/** As those of a deletion, but for the statements, each of which finds nothing to do. */
const LIMITS = { statement_timeout: '5s', lock_timeout: '2s' } as const;

/** What a session may be that deletions do not survive. */
export type SessionObstacle = 'STANDBY' | 'ROLE_NOT_TAKEN' | 'ROW_SECURITY_OFF' | 'TRIGGERS_OFF';

/** Why a deletion would not go through now, with the error where there was one: for the service's own log. */
export interface Hindrance {
  readonly obstacle: Obstacle | SessionObstacle | 'COMMIT_HANGS';
  readonly error?: unknown;
}

type Stage = 'connect' | 'work' | 'commit';

/**
 * Deletes nobody, for readiness (RELIABILITY rule 31): in one transaction it takes the steps of a deletion of a patient
 * that is not there, takes back what it has written, and commits. So it meets what a deletion would meet: the session,
 * the privileges, locks, the disk, and a COMMIT that waits for a standby.
 */
@Injectable()
export class DeletionProbe {
  private running: Promise<Hindrance | undefined> | undefined;
  private stage: Stage = 'connect';
  /** The transaction of a probe whose COMMIT was not acknowledged. */
  private unresolved: string | undefined;

  constructor(
    private readonly patient: PatientRepository,
    private readonly clinical: ClinicalRepository,
    private readonly finance: FinanceRepository,
    private readonly audit: AuditRepository,
    private readonly manager: EntityManager,
  ) {}

  /**
   * One probe runs at a time, and one session at most is left behind by a COMMIT that hangs: as long as the server has
   * not ended it, no other is begun. Never throws.
   *
   * @param role what the sessions are to work as; unknown where it is undefined
   * @returns undefined where a deletion would go through
   */
  run(role: string | undefined): Promise<Hindrance | undefined> {
    this.running ??= this.probe(role).finally(() => (this.running = undefined));
    const { running } = this;
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        resolve({ obstacle: HELD_UP_IN[this.stage] });
      }, ANSWER_WITHIN_MS);
      void running.then((answer) => {
        clearTimeout(limit);
        resolve(answer);
      });
    });
  }

  private async probe(role: string | undefined): Promise<Hindrance | undefined> {
    this.reached('connect');
    try {
      if (await this.isStillCommitting()) return { obstacle: 'COMMIT_HANGS' };
      const obstacle = await inTransaction(this.manager, async (manager) => {
        this.reached('work');
        const found = await this.deleteNobody(manager, role);
        this.reached('commit');
        return found;
      });
      this.unresolved = undefined;
      return obstacle === undefined ? undefined : { obstacle };
    } catch (error) {
      const isLostAtCommit = this.stage === 'commit' && isConnectionLost(error);
      // Where the server could not be asked for it, it may still be committing.
      if (this.stage !== 'connect' && !isLostAtCommit) this.unresolved = undefined;
      return { obstacle: isLostAtCommit ? 'COMMIT_HANGS' : obstacleOf(error), error };
    }
  }

  private async deleteNobody(
    manager: EntityManager,
    role: string | undefined,
  ): Promise<SessionObstacle | 'READ_ONLY' | undefined> {
    await manager.query(setLocally({ ...LIMITS, ...LOOKUP_SETTINGS }));
    const session = await sessionOf(manager);
    if (session.isStandby) return 'STANDBY';
    if (session.isReadOnly) return 'READ_ONLY';
    if (role !== undefined && session.user !== role) return 'ROLE_NOT_TAKEN';
    if (!session.hasRowSecurity) return 'ROW_SECURITY_OFF';
    if (session.replicationRole === 'replica') return 'TRIGGERS_OFF';
    await manager.query('SAVEPOINT probe');
    const deletion = new Deletion({ ...NOBODY, patientId: randomUUID(), requestId: randomUUID() });
    await this.patient.claim(manager, deletion.claim, false);
    await this.patient.lockDemographics(manager, deletion.mark.patientId).catch(unlessMissing);
    for (const shard of [this.clinical, this.finance, this.patient]) {
      await shard.vote(manager, deletion.mark.patientId);
      await shard.markDeleted(manager, deletion.mark);
    }
    await this.audit.append(manager, deletion.auditEvent([]));
    await this.patient.completeDeletion(manager, deletion.claim, deletion.outcome(deletion.answer([])));
    // Nothing is kept and no lock is held on, but the transaction has written: its COMMIT waits as a deletion's does.
    await manager.query('ROLLBACK TO SAVEPOINT probe');
    this.unresolved = session.transactionId;
    return undefined;
  }

  private reached(stage: Stage): void {
    this.stage = stage;
  }

  private async isStillCommitting(): Promise<boolean> {
    if (this.unresolved === undefined) return false;
    const [row] = await this.manager.query<{ status: string | null }[]>(
      'SELECT pg_xact_status($1::text::xid8) AS status',
      [this.unresolved],
    );
    if (row?.status === 'in progress') return true;
    this.unresolved = undefined;
    return false;
  }
}

/** Of course nobody is there. */
function unlessMissing(error: unknown): void {
  if (!(error instanceof PatientNotFound)) throw error;
}

/** What the probe waits for too long, by where it stands. */
const HELD_UP_IN = {
  connect: 'TOO_MANY_CONNECTIONS',
  work: 'TIMED_OUT',
  commit: 'COMMIT_HANGS',
} as const satisfies Record<Stage, Hindrance['obstacle']>;

/** Whoever watches the database sees by whom it is asked; none of it is kept. */
const NOBODY = {
  reason: 'DATA_SUBJECT_REQUEST',
  legalBasis: 'KVKK_ART_7',
  requestedBy: 'silgi readiness',
  requestedRole: 'system-admin',
  requestedVia: { kind: 'TERMINAL', databaseLogin: 'silgi', claimedName: null },
} as const;
