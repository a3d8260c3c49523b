import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AuditEventsController } from './audit/audit-events.controller.js';
import { AuditLogController } from './audit/audit-log.controller.js';
import { BatchSteeringController } from './batches/batch-steering.controller.js';
import { DeletionBatchesController } from './batches/deletion-batches.controller.js';
import { DeletionCertificateController } from './deletions/deletion-certificate.controller.js';
import { DeletionPreviewController } from './deletions/deletion-preview.controller.js';
import { DeletionsController } from './deletions/deletions.controller.js';
import { EventStreams } from './batches/event.streams.js';
import { ListUploads } from './batches/list.uploads.js';
import { HealthController } from './health/health.controller.js';
import { IntegrityController } from './health/integrity.controller.js';
import { ErasureRequestsController } from './requests/erasure-requests.controller.js';
import { LegalHoldsController } from './holds/legal-holds.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { PatientDeletionsController } from './deletions/patient-deletions.controller.js';
import { PatientHoldsController } from './holds/patient-holds.controller.js';
import { RequestAnswersController } from './requests/request-answers.controller.js';
import { RetentionPolicyController } from './retention/retention-policy.controller.js';
import { RestorationController } from './deletions/restoration.controller.js';
import { PatientsController } from './patients/patients.controller.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { ReadinessModule } from './health/readiness.module.js';
import { RequestMetrics } from './health/request.metrics.js';
import { requestValidation } from './http/request.validation.js';

type Modules = NonNullable<DynamicModule['imports']>;

/** The REST API (API.md). */
@Module({})
export class AdminModule {
  /**
   * @param modules what it reads through: they export the orchestrator and the readers of the shards
   * @param log the audit log and the certificates, of which there are no calls without them
   */
  static over(modules: Modules, log: Modules = []): DynamicModule {
    const all = [...modules, ...log];
    return {
      module: AdminModule,
      imports: [...all, ReadinessModule.over(all)],
      controllers: [
        PatientsController,
        DeletionPreviewController,
        PatientDeletionsController,
        RestorationController,
        DeletionsController,
        PatientHoldsController,
        LegalHoldsController,
        ErasureRequestsController,
        RequestAnswersController,
        RetentionPolicyController,
        DeletionBatchesController,
        BatchSteeringController,
        AuditEventsController,
        IntegrityController,
        HealthController,
        MetricsController,
        ...(log.length === 0 ? [] : [AuditLogController, DeletionCertificateController]),
      ],
      providers: [
        EventStreams,
        ListUploads,
        RequestMetrics,
        { provide: APP_PIPE, useFactory: requestValidation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
