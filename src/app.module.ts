import { type DynamicModule, Module } from '@nestjs/common';
import { AUDIT_ENTITIES, AuditModule } from './audit/index.js';
import { BatchModule } from './batch/index.js';
import { CLINICAL_ENTITIES, ClinicalModule } from './clinical/index.js';
import { DatabaseModule } from './postgres/index.js';
import { FINANCE_ENTITIES, FinanceModule } from './finance/index.js';
import { MetricsModule } from './telemetry/index.js';
import { ObservationModule } from './telemetry/index.js';
import { OrchestratorModule } from './orchestrator/index.js';
import { PATIENT_ENTITIES, PatientModule } from './patient/index.js';
import type { DeletionVeto } from './common/index.js';
import { ConfigurationError, VETOES_OF_OTHERS } from './config/index.js';
import { RetentionModule, type RetentionPolicy } from './retention/index.js';
import { adoptedTables, ANCHOR, ShardVetoesModule } from './shards/index.js';

const ENTITIES = [...PATIENT_ENTITIES, ...CLINICAL_ENTITIES, ...FINANCE_ENTITIES, ...AUDIT_ENTITIES];

/** The table of contents: the protocol, its shards and what works on them. The REST API is put over it in service.module.ts. */
@Module({})
export class AppModule {
  /**
   * @param databaseUrl PostgreSQL URL of the login
   * @param role what its sessions work as; the login's own privileges unless told
   * @param vetoes what the shards have against a deletion of their own; nothing unless told
   * @param policy how long what was deleted is kept; the default one unless told
   * @throws ConfigurationError where vetoes are on and patients stand in a hospital's own tables, of which they know nothing
   */
  static forDatabase(
    databaseUrl: string,
    role?: string,
    vetoes: readonly DeletionVeto[] = [],
    policy?: RetentionPolicy,
  ): DynamicModule {
    if (vetoes.length > 0 && adoptedTables() !== undefined) throw new ConfigurationError(VETOES_OF_OTHERS);
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forUrl(databaseUrl, ENTITIES, role, adoptedTables() && ANCHOR),
        ShardVetoesModule.of(vetoes),
        RetentionModule.of(policy),
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
