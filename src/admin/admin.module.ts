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
import { HealthController } from './health/health.controller.js';
import { IntegrityController } from './health/integrity.controller.js';
import { MetricsController } from './health/metrics.controller.js';
import { PatientDeletionsController } from './deletions/patient-deletions.controller.js';
import { PatientsController } from './patients/patients.controller.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { Readiness } from './health/readiness.js';
import { requestValidation } from './http/request.validation.js';

/** The REST API (API.md). */
@Module({})
export class AdminModule {
  /** @param modules what it reads through: they export the orchestrator and the readers of the shards */
  static over(modules: NonNullable<DynamicModule['imports']>): DynamicModule {
    return {
      module: AdminModule,
      imports: modules,
      controllers: [
        PatientsController,
        DeletionPreviewController,
        PatientDeletionsController,
        DeletionCertificateController,
        DeletionsController,
        DeletionBatchesController,
        BatchSteeringController,
        AuditEventsController,
        AuditLogController,
        IntegrityController,
        HealthController,
        MetricsController,
      ],
      providers: [
        Readiness,
        EventStreams,
        { provide: APP_PIPE, useFactory: requestValidation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
