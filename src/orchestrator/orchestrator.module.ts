import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { ClinicalModule } from '../clinical/index.js';
import { FinanceModule } from '../finance/index.js';
import { PatientModule } from '../patient/index.js';
import { CatalogueGuard } from './catalogue.guard.js';
import { PatientIntake } from './patient.intake.js';
import { PatientOrchestrator } from './patient.orchestrator.js';
import { Transactions } from './transaction.js';

/** Wants a {@link StepObserver} from outside: the metrics' own, which is global. */
@Module({
  imports: [PatientModule, ClinicalModule, FinanceModule, AuditModule],
  providers: [PatientOrchestrator, PatientIntake, CatalogueGuard, Transactions],
  exports: [PatientOrchestrator, PatientIntake, CatalogueGuard],
})
export class OrchestratorModule {}
