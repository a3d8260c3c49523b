import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from './audit/index.js';
import { BatchModule } from './batch/index.js';
import { ClinicalModule } from './clinical/index.js';
import { DatabaseModule } from './postgres/index.js';
import { FinanceModule } from './finance/index.js';
import { MetricsModule } from './telemetry/index.js';
import { ObservationModule } from './telemetry/index.js';
import { OrchestratorModule } from './orchestrator/index.js';
import { PatientModule } from './patient/index.js';

/** The table of contents: the protocol, its shards and what works on them. The REST API is put over it in service.module.ts. */
@Module({})
export class AppModule {
  /**
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
        BatchModule,
        MetricsModule,
        ObservationModule,
      ],
    };
  }
}
