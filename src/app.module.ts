import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from './admin/index.js';
import { AuditModule } from './audit/index.js';
import { type AuditLogHome, AuditLogModule } from './audit-log/index.js';
import { AuthModule, type TokenVerifier } from './auth/index.js';
import { CertificateModule } from './certificate/index.js';
import { ClinicalModule } from './clinical/index.js';
import { DatabaseModule, SERVICE_ROLE } from './database/index.js';
import { DemoModule } from './demo/index.js';
import { FinanceModule } from './finance/index.js';
import { IntegrityModule } from './integrity/index.js';
import { MetricsModule } from './metrics/index.js';
import { DeletionLogModule, ObservationModule } from './observation/index.js';
import { OrchestratorModule } from './orchestrator/index.js';
import { PatientModule } from './patient/index.js';
import { TracingModule } from './tracing/index.js';

/** The table of contents. */
@Module({})
export class AppModule {
  /**
   * The protocol and its shards alone, for commands.
   *
   * @param databaseUrl PostgreSQL URL of the login
   * @param role what its sessions work as; the login's own privileges unless told
   */
  static forDatabase(databaseUrl: string, role?: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forUrl(databaseUrl, role),
        PatientModule,
        ClinicalModule,
        FinanceModule,
        AuditModule,
        OrchestratorModule,
        MetricsModule,
        ObservationModule,
      ],
    };
  }

  /**
   * The same with the demo patients at hand.
   *
   * @param ownerUrl PostgreSQL URL of the login that owns the tables: the service's own role may add no patients
   */
  static forDemoData(ownerUrl: string): DynamicModule {
    return withMore(AppModule.forDatabase(ownerUrl), [DemoModule]);
  }

  /**
   * The same behind the REST API, working as the role that can mark rows and append audit events, and no more.
   *
   * @param databaseUrl PostgreSQL URL of the service's login
   * @param verifier whose tokens are accepted
   * @param auditLog what the audit log is sealed with
   * @param tracesUrl where deletions are traced to; nowhere unless told
   */
  static forService(
    databaseUrl: string,
    verifier: TokenVerifier,
    auditLog: AuditLogHome,
    tracesUrl?: string,
  ): DynamicModule {
    const log = AuditLogModule.sealing(auditLog);
    const certificates = CertificateModule.over([PatientModule, log]);
    const api = AdminModule.over([
      PatientModule,
      AuditModule,
      OrchestratorModule,
      IntegrityModule,
      log,
      certificates,
    ]);
    return withMore(AppModule.forDatabase(databaseUrl, SERVICE_ROLE), [
      AuthModule.trusting(verifier),
      api,
      DeletionLogModule,
      ...(tracesUrl === undefined ? [] : [TracingModule.to(tracesUrl)]),
    ]);
  }
}

function withMore(app: DynamicModule, modules: NonNullable<DynamicModule['imports']>): DynamicModule {
  return { ...app, imports: [...(app.imports ?? []), ...modules] };
}
