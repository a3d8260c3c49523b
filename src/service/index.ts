export { endInOrder, EXIT_FAILED } from './process-end.js';
export { ServiceModule } from './service.module.js';
export { Service } from './service.js';
export { explanationOf } from './start-failure.js';
