export { traceContext } from './trace.context.js';
export { TRACING, TracingModule } from './tracing.module.js';
