export { DeletionLogModule } from './deletion.log.module.js';
export { ObservationModule } from './observation.module.js';
