export * from './patient-owned.entity.js';
export { PatientOwnedRepository } from './patient-owned.repository.js';
export * from './shard.js';
