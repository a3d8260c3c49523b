import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/index.js';
import { CatalogueGuard } from '../catalogue/index.js';
import { ClinicalRepository } from '../clinical/index.js';
import { FinanceRepository } from '../finance/index.js';
import { PatientRepository, RestorationRepository } from '../patient/index.js';

/** The shards, and the guard that votes with them: what the actions on a patient are built of. */
@Injectable()
export class Shards {
  constructor(
    readonly patient: PatientRepository,
    readonly clinical: ClinicalRepository,
    readonly finance: FinanceRepository,
    readonly audit: AuditRepository,
    readonly catalogue: CatalogueGuard,
    readonly restorations: RestorationRepository,
  ) {}
}
