import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { CatalogueModule } from '../catalogue/index.js';
import { ClinicalModule } from '../clinical/index.js';
import { FinanceModule } from '../finance/index.js';
import { PatientModule } from '../patient/index.js';
import { ProtocolModule } from '../protocol/index.js';
import { RequestOrchestrator } from './answer-request/request.orchestrator.js';
import { DestructionOrchestrator } from './destroy-patient/destruction.orchestrator.js';
import { FailedAttempts } from './failure.record.js';
import { HoldOrchestrator } from './hold-patient/hold.orchestrator.js';
import { PatientOrchestrator } from './patient.orchestrator.js';
import { Shards } from './shards.js';
import { DeletionProbe } from './probe-deletion/deletion.probe.js';
import { PatientIntake } from './take-in-patients/patient.intake.js';

/** The actions on patients over the four shards. */
@Module({
  imports: [PatientModule, ClinicalModule, FinanceModule, AuditModule, CatalogueModule, ProtocolModule],
  providers: [
    Shards,
    FailedAttempts,
    PatientOrchestrator,
    HoldOrchestrator,
    RequestOrchestrator,
    DestructionOrchestrator,
    PatientIntake,
    DeletionProbe,
  ],
  exports: [
    PatientOrchestrator,
    HoldOrchestrator,
    RequestOrchestrator,
    DestructionOrchestrator,
    PatientIntake,
    DeletionProbe,
  ],
})
export class OrchestratorModule {}
