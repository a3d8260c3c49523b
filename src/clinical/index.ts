export { ClinicalModule } from './clinical.module.js';
export { ClinicalRepository } from './clinical.repository.js';
