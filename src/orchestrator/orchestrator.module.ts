import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { ClinicalModule } from '../clinical/index.js';
import { FinanceModule } from '../finance/index.js';
import { PatientModule } from '../patient/index.js';
import { CatalogueGuard } from '../catalogue/index.js';
import { PatientIntake } from './take-in-patients/patient.intake.js';
import { PatientOrchestrator } from './patient.orchestrator.js';
import { Transactions } from '../protocol/index.js';

/** Wants a {@link StepObserver} from outside: the metrics' own, which is global. */
@Module({
  imports: [PatientModule, ClinicalModule, FinanceModule, AuditModule],
  providers: [PatientOrchestrator, PatientIntake, CatalogueGuard, Transactions],
  exports: [PatientOrchestrator, PatientIntake, CatalogueGuard],
})
export class OrchestratorModule {}
