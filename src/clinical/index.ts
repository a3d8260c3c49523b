export { CLINICAL_ENTITIES, ClinicalModule } from './clinical.module.js';
export { ClinicalRepository } from './clinical.repository.js';
