export { BatchNotFound, BatchStateConflict, ListUnreadable } from './batch.errors.js';
export type { Taken } from './batch.intake.js';
export { BatchLoopModule, BatchModule } from './batch.module.js';
export type { BatchOrder, BatchView, ItemView } from './batch.records.js';
export {
  BATCH_STATES,
  type BatchState,
  type Counts,
  ITEM_STATES,
  type ItemState,
  NOT_DELETED,
  type Outcome,
  OUTCOMES,
} from './batch.states.js';
export { BatchWorker, type WorkerRun } from './batch.worker.js';
export { readCsvList } from './csv.list.js';
export { DeletionBatches } from './deletion.batches.js';
export { DeletionBatchItem } from './deletion-batch-item.entity.js';
export { type NamedPatients, PatientList } from './patient.list.js';
