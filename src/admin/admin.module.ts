import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AuditEventsController } from './audit-events.controller.js';
import { AuditLogController } from './audit-log.controller.js';
import { DeletionBatchesController } from './deletion-batches.controller.js';
import { DeletionCertificateController } from './deletion-certificate.controller.js';
import { DeletionPreviewController } from './deletion-preview.controller.js';
import { DeletionsController } from './deletions.controller.js';
import { EventStreams } from './event.streams.js';
import { HealthController } from './health.controller.js';
import { IntegrityController } from './integrity.controller.js';
import { MetricsController } from './metrics.controller.js';
import { PatientDeletionsController } from './patient-deletions.controller.js';
import { PatientsController } from './patients.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { Readiness } from './readiness.js';
import { requestValidation } from './request.validation.js';

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
