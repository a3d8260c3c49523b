import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditRepository } from '../audit/index.js';
import { ClinicalRepository } from '../clinical/index.js';
import { type Blocker, type ShardCount } from '../shards/index.js';
import { DeletionFailed, OutcomePending } from '../protocol/index.js';
import { DeletionVetoed, IdempotencyKeyReused, PreviewOutdated } from './delete-patient/deletion.errors.js';
import { FinanceRepository } from '../finance/index.js';
import { type EarlierDeletion, PatientRepository } from '../patient/index.js';
import { CatalogueGuard } from '../catalogue/index.js';
import { assertMarkedAsVoted, previewDigest, totalRows } from './delete-patient/deletion.counts.js';
import {
  type DeletePatientCommand,
  Deletion,
  type DeletionAnswer,
  type DeletionPreview,
} from './delete-patient/deletion.js';
import { assertDemographicsDeleted } from './delete-patient/demographics.guard.js';
import { type Steps, Transactions } from '../protocol/index.js';

/** What Prepare found: the rows that every shard voted for, and every reason to refuse. */
interface Plan {
  readonly shards: readonly ShardCount[];
  readonly blockers: readonly Blocker[];
  readonly digest: string;
}

/** The logical two-phase commit of a patient's deletion. Read it from top to bottom. */
@Injectable()
export class PatientOrchestrator {
  private readonly log = new Logger(PatientOrchestrator.name);

  constructor(
    private readonly patient: PatientRepository,
    private readonly clinical: ClinicalRepository,
    private readonly finance: FinanceRepository,
    private readonly audit: AuditRepository,
    private readonly catalogue: CatalogueGuard,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Marks every row of the patient in every shard as deleted, with one audit event, or changes nothing.
   *
   * @throws SilgiError after which nothing of this patient has changed: PatientNotFound, PatientAlreadyDeleted,
   *   DeletionVetoed, PreviewOutdated, IdempotencyKeyReused, RequestInProgress, ShardFailed,
   *   DemographicsNotDeleted, ShardUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async deletePatient(command: DeletePatientCommand): Promise<{ answer: DeletionAnswer; replayed: boolean }> {
    const deletion = new Deletion(command);
    let earlier: EarlierDeletion | undefined;
    try {
      return await this.transactions.commit({
        act: 'deletion',
        ...deletion.run,
        work: async (tx) => {
          earlier = await this.claim(tx, deletion);
          if (earlier !== undefined) return { answer: firstAnswer(earlier, deletion), replayed: true };
          const plan = await this.prepare(tx, deletion);
          if (plan.blockers.length > 0) throw new DeletionVetoed(plan.blockers);
          if ((command.previewDigest ?? plan.digest) !== plan.digest) throw new PreviewOutdated();
          return { answer: await this.execute(tx, deletion, plan), replayed: false };
        },
        hasCommitted: async (manager) =>
          earlier !== undefined || (await this.patient.hasCommitted(manager, deletion.claim)),
      });
    } catch (error) {
      await this.recordFailure(deletion, error);
      throw error;
    }
  }

  /** Deletions and previews under way in this process. */
  get inProgress(): number {
    return this.transactions.inProgress;
  }

  /** Says what {@link deletePatient} would do now: the same Prepare, rolled back. @throws SilgiError as it does */
  async previewDeletion(command: DeletePatientCommand): Promise<DeletionPreview> {
    const deletion = new Deletion(command);
    const { shards, blockers, digest } = await this.transactions.rehearse({
      act: 'preview',
      ...deletion.run,
      work: async (tx) => {
        await this.claim(tx, deletion);
        return this.prepare(tx, deletion);
      },
      hasCommitted: () => Promise.resolve(false),
    });
    const { patientId } = deletion.mark;
    return {
      patientId,
      ready: blockers.length === 0,
      shards,
      blockers,
      totalRows: totalRows(shards),
      digest,
    };
  }

  /** What may be a repeat is awaited: it gets the first answer without waiting for the patient's lock. */
  private async claim(tx: Steps, { claim, mayRepeat }: Deletion): Promise<EarlierDeletion | undefined> {
    const work = (m: EntityManager) => this.patient.claim(m, claim, mayRepeat);
    if (mayRepeat) return tx.step('claim', work);
    tx.ahead('claim', work);
    return undefined;
  }

  /** PREPARE: the lock before anything is read, then a vote from every shard and from the live catalogue. */
  private async prepare(tx: Steps, { mark: { patientId } }: Deletion): Promise<Plan> {
    const [, patient, clinical, finance, audit, catalogue] = await tx.together(
      ['lock', (m) => this.patient.lockDemographics(m, patientId)],
      ['vote patient', (m) => this.patient.vote(m, patientId)],
      ['vote clinical', (m) => this.clinical.vote(m, patientId)],
      ['vote finance', (m) => this.finance.vote(m, patientId)],
      ['vote audit', (m) => this.audit.vote(m)],
      ['vote catalogue', (m) => this.catalogue.vote(m)],
    );

    const shards = [patient, clinical, finance].map(({ shard, resources }) => ({ shard, resources }));
    const blockers = [...[patient, clinical, finance, audit].flatMap((vote) => vote.vetoes), ...catalogue];
    return { shards, blockers, digest: previewDigest(patientId, shards) };
  }

  /** EXECUTE: children first, demographics last, guard, rescan, audit, record, counts. The caller commits. */
  private async execute(tx: Steps, deletion: Deletion, plan: Plan): Promise<DeletionAnswer> {
    const { mark } = deletion;
    const answer = deletion.answer(plan.shards);
    const [clinical, finance, patient] = await tx.together(
      ['mark clinical', (m) => this.clinical.markDeleted(m, mark)],
      ['mark finance', (m) => this.finance.markDeleted(m, mark)],
      ['mark patient', (m) => this.patient.markDeleted(m, mark)],
      [
        'guard demographics',
        async (m) => {
          assertDemographicsDeleted(await this.patient.countDemographicsMarked(m, mark));
        },
      ],
      ['rescan', (m) => this.catalogue.rescan(m, mark.patientId)],
      ['audit', (m) => this.audit.append(m, deletion.auditEvent(plan.shards))],
      ['record', (m) => this.patient.completeDeletion(m, deletion.claim, deletion.outcome(answer))],
    );
    await tx.step('compare counts', () => {
      assertMarkedAsVoted(plan.shards, [patient, clinical, finance]);
    });
    return answer;
  }

  /** Records a failed attempt after its rollback; a failure of this is logged and hides nothing (rule 13). */
  private async recordFailure(deletion: Deletion, error: unknown): Promise<void> {
    if (
      !(error instanceof DeletionFailed || error instanceof DeletionVetoed) ||
      error instanceof OutcomePending
    )
      return;
    if (error instanceof DeletionFailed && error.point.step === 'connect') return;
    try {
      await this.transactions.commit({
        act: 'failure record',
        ...deletion.run,
        work: (tx) => tx.step('audit failure', (m) => this.audit.append(m, deletion.failureEvent(error))),
        hasCommitted: () => Promise.resolve(true),
      });
    } catch (second) {
      this.log.error('The failed attempt could not be recorded', {
        deletionId: deletion.mark.deletionId,
        err: second,
      });
    }
  }
}

/** @throws IdempotencyKeyReused where the key came with another request */
function firstAnswer(earlier: EarlierDeletion, { claim }: Deletion): DeletionAnswer {
  if (earlier.requestDigest !== claim.requestDigest || earlier.answer === null)
    throw new IdempotencyKeyReused();
  return JSON.parse(earlier.answer) as DeletionAnswer;
}
