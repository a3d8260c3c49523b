import { Readiness, type ReadinessDto } from '../admin/index.js';
import { DeletionBatches, PatientList, type Taken } from '../batch/index.js';
import { type IntegrityReport, IntegrityScan } from '../catalogue/index.js';
import { Letters } from '../letter/index.js';
import {
  type Deleted,
  type DeletionPreview,
  HoldOrchestrator,
  PatientOrchestrator,
  RequestOrchestrator,
  type Restored,
} from '../orchestrator/index.js';
import { ErasureRequests, LegalHolds, PatientDirectory, type PatientSummary } from '../patient/index.js';
import {
  AuditLogProofs,
  AuditLogVerification,
  type ConsistencyProof,
  type InclusionProof,
  type VerificationReport,
} from '../transparency-log/index.js';
import { erasureRequestsBy, type SilgiErasureRequests } from './silgi.erasure-requests.js';
import { legalHoldsBy, type SilgiLegalHolds } from './silgi.legal-holds.js';
import {
  deletionOf,
  executionOf,
  keyOf,
  orderOf,
  previewOf,
  restorationOf,
  type SilgiBatch,
  type SilgiDeletion,
  type SilgiExecution,
  type SilgiPreview,
  type SilgiRestoration,
} from './silgi.requests.js';

/** What of the product is at work behind the facade. */
export interface Product {
  /** @throws DatabaseUnavailable where the database has not been opened yet */
  get<T>(type: abstract new (...args: never[]) => T): T;
  /** The same, whether the database is open or not. */
  whatever<T>(type: abstract new (...args: never[]) => T): T;
  /** @throws ConfigurationError where this was not asked for */
  assertOn(option: 'batches' | 'sealing'): void;
}

/** A patient of a hospital's own tables. Of names there are none: Silgi's REST API shows them, to whom it may. */
export type SilgiPatient = Pick<PatientSummary, 'patientId' | 'state'>;

/** Deletions of many patients, each one atomic for itself (docs/deletion-batches.md). */
export interface SilgiBatches extends Pick<
  DeletionBatches,
  'get' | 'page' | 'items' | 'outcomesAfter' | 'pause' | 'resume' | 'cancel' | 'retry'
> {
  /** @throws ValidationFailed, ListUnreadable, IdempotencyKeyReused, RequestInProgress */
  create(batch: SilgiBatch): Promise<Taken>;
  /** Carries out a dry run. @throws ValidationFailed, BatchNotFound, BatchStateConflict */
  execute(dryRunId: string, execution: SilgiExecution): Promise<Taken>;
}

/** The sealed log over the audit events (docs/audit-log.md). All hashes are base64. */
export interface SilgiAuditLog {
  /** The newest checkpoint, a signed note. @throws AuditEventNotSealed, AuditLogRefused */
  checkpoint(): Promise<string>;
  /** @throws AuditEventNotFound, AuditEventNotSealed, AuditLogRefused, AuditLogDamaged */
  inclusionOf(auditEventId: string): Promise<InclusionProof>;
  /** @returns undefined where the log has no such sizes */
  consistencyOf(from: number, to?: number): Promise<ConsistencyProof | undefined>;
  /** Computes the whole log anew from the events in the database. Reads only. @param signal ends it */
  verify(signal?: AbortSignal): Promise<VerificationReport>;
}

/**
 * Deletes patients in every shard at once or not at all, for the application that Silgi is a part of: the same
 * orchestrator as behind the REST API, and the same errors. Injected by its class, or by {@link getSilgiToken}.
 */
export class Silgi {
  readonly #product: Product;

  /** @internal */
  constructor(product: Product) {
    this.#product = product;
  }

  /**
   * Marks every row of the patient in every shard as deleted, with one audit event, or changes nothing.
   *
   * @throws SilgiError after which nothing of this patient has changed: ValidationFailed, PatientNotFound,
   *   PatientAlreadyDeleted, DeletionVetoed, PreviewOutdated, IdempotencyKeyReused, RequestInProgress, ShardFailed,
   *   DemographicsNotDeleted, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async deletePatient(deletion: SilgiDeletion): Promise<Deleted> {
    return this.#product.get(PatientOrchestrator).deletePatient(deletionOf(deletion));
  }

  /** Says what {@link deletePatient} would do now, and changes nothing. @throws SilgiError as it does */
  async previewDeletion(preview: SilgiPreview): Promise<DeletionPreview> {
    return this.#product.get(PatientOrchestrator).previewDeletion(previewOf(preview));
  }

  /**
   * Takes back exactly what one deletion has marked, in every shard, with one audit event, or changes nothing. Whether
   * whoever asks may have that done is for the application to say.
   *
   * @throws SilgiError after which nothing of this patient has changed: ValidationFailed, PatientNotFound,
   *   DeletionNotFound, RestorationRefused, IdempotencyKeyReused, ShardFailed, ShardUnavailable, DatabaseUnavailable
   * @throws OutcomePending where the database went away at the commit and has not come back
   */
  async restorePatient(restoration: SilgiRestoration): Promise<Restored> {
    return this.#product.get(PatientOrchestrator).restorePatient(restorationOf(restoration));
  }

  /**
   * Who has a key of the hospital's, where a declaration is in force: his pseudonym, and whether he is deleted.
   *
   * @param key just as the hospital's database writes it: 007 is not 7
   * @returns undefined where nobody has it
   * @throws ValidationFailed, SearchNotOffered where no declaration is in force
   */
  async findPatient(key: string): Promise<SilgiPatient | undefined> {
    const filter = { key: keyOf(key), limit: 1 };
    const [patient] = await this.#product.get(PatientDirectory).page(filter);
    return patient && { patientId: patient.patientId, state: patient.state };
  }

  /**
   * Scans every patient-owned table for what no deletion may leave behind. Reads only; takes as long as reading does.
   *
   * @param signal ends it
   * @throws the database's own error, where it cannot be read
   */
  async integrity(signal?: AbortSignal): Promise<IntegrityReport> {
    return this.#product.get(IntegrityScan).run(undefined, signal);
  }

  /** Whether patients can be deleted now; asks the database itself. Never throws. */
  async readiness(): Promise<SilgiReadiness> {
    return this.#product.whatever(Readiness).check();
  }

  /** Places, releases and shows legal holds. @throws DatabaseUnavailable where the database has not been opened yet */
  get legalHolds(): SilgiLegalHolds {
    const product = this.#product;
    return legalHoldsBy(product.get(HoldOrchestrator), product.get(LegalHolds));
  }

  /** Records, answers and shows data subjects' requests. @throws DatabaseUnavailable as {@link legalHolds} */
  get erasureRequests(): SilgiErasureRequests {
    const product = this.#product;
    return erasureRequestsBy(
      product.get(RequestOrchestrator),
      product.get(ErasureRequests),
      product.get(Letters),
    );
  }

  /** @throws ConfigurationError where `batches` was not set */
  get batches(): SilgiBatches {
    this.#product.assertOn('batches');
    const batches = this.#product.get(DeletionBatches);
    return {
      create: async (batch) => {
        const order = orderOf(batch);
        return batches.create(order, PatientList.of(batch));
      },
      execute: async (dryRunId, execution) => batches.execute(dryRunId, executionOf(execution)),
      get: (...given) => batches.get(...given),
      page: (...given) => batches.page(...given),
      items: (...given) => batches.items(...given),
      outcomesAfter: (...given) => batches.outcomesAfter(...given),
      pause: (...given) => batches.pause(...given),
      resume: (...given) => batches.resume(...given),
      cancel: (...given) => batches.cancel(...given),
      retry: (...given) => batches.retry(...given),
    };
  }

  /** @throws ConfigurationError where `sealing` was not set */
  get auditLog(): SilgiAuditLog {
    this.#product.assertOn('sealing');
    const proofs = this.#product.get(AuditLogProofs);
    const verification = this.#product.get(AuditLogVerification);
    return {
      checkpoint: () => proofs.checkpoint(),
      inclusionOf: (auditEventId) => proofs.inclusionOf(auditEventId),
      consistencyOf: (from, to) => proofs.consistencyOf(from, to),
      verify: (signal) => verification.run(undefined, signal),
    };
  }
}

/** Whether patients can be deleted now, as `/health/ready` answers it. */
export type SilgiReadiness = Pick<ReadinessDto, keyof ReadinessDto>;
