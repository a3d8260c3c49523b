import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from './audit/index.js';
import { ClinicalModule } from './clinical/index.js';
import { DatabaseModule } from './database/index.js';
import { FinanceModule } from './finance/index.js';
import { OrchestratorModule } from './orchestrator/index.js';
import { PatientModule } from './patient/index.js';

/** The table of contents. */
@Module({})
export class AppModule {
  /** @param databaseUrl PostgreSQL URL of the service's login */
  static forDatabase(databaseUrl: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forUrl(databaseUrl),
        PatientModule,
        ClinicalModule,
        FinanceModule,
        AuditModule,
        OrchestratorModule,
      ],
    };
  }
}
