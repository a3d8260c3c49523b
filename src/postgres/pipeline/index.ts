export type { Pipeline } from './pipeline.js';
export { PipelinedClient } from './pipelined.client.js';
export { type CommandTag, PipelinedConnection } from './pipelined.connection.js';
export { runInPipeline, type TableStatement, type TextRows } from './run-in-pipeline.js';
export { assertOwnSessions } from './session.pooling.js';
export { StatementSkipped } from './statement.skipped.js';
