import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from '../admin/index.js';
import { AppModule } from '../app.module.js';
import { AuditModule } from '../audit/index.js';
import { type AuditLogHome, AuditLogModule } from '../transparency-log/index.js';
import { AuthModule, type TokenVerifier } from '../auth/index.js';
import { BatchLoopModule, BatchModule } from '../batch/index.js';
import { CertificateModule } from '../certificate/index.js';
import type { BatchSettings } from '../config/index.js';
import { SERVICE_ROLE } from '../postgres/index.js';
import { CatalogueModule } from '../catalogue/index.js';
import { DeletionLogModule } from '../telemetry/index.js';
import { OrchestratorModule } from '../orchestrator/index.js';
import { PatientModule } from '../patient/index.js';
import { TracingModule } from '../telemetry/index.js';

/** The service: the application behind its REST API, watched, and with the audit log sealed behind it. */
@Module({})
export class ServiceModule {
  /**
   * Works as the role that can mark rows and append audit events, and no more.
   *
   * @param databaseUrl PostgreSQL URL of the service's login
   * @param verifier whose tokens are accepted
   * @param auditLog what the audit log is sealed with
   * @param more.tracesUrl where deletions are traced to; nowhere unless told
   * @param more.batch how this process works at batches; not at all unless told
   */
  static over(
    databaseUrl: string,
    verifier: TokenVerifier,
    auditLog: AuditLogHome,
    more: { tracesUrl?: string | undefined; batch?: BatchSettings } = {},
  ): DynamicModule {
    const log = AuditLogModule.sealing(auditLog);
    const certificates = CertificateModule.over([PatientModule, log]);
    const api = AdminModule.over([
      PatientModule,
      AuditModule,
      OrchestratorModule,
      BatchModule,
      CatalogueModule,
      log,
      certificates,
    ]);
    return {
      module: ServiceModule,
      imports: [
        AppModule.forDatabase(databaseUrl, SERVICE_ROLE),
        AuthModule.trusting(verifier),
        api,
        DeletionLogModule,
        ...(more.batch === undefined ? [] : [BatchLoopModule.with(more.batch)]),
        ...(more.tracesUrl === undefined ? [] : [TracingModule.to(more.tracesUrl)]),
      ],
    };
  }
}
