export type { BatchSettings, WorkerSettings } from './batch.settings.js';
export { processWideChecks } from './certificate.checks.js';
export { ConfigurationError } from './configuration.error.js';
export { contentOfFile } from './content.of.file.js';
export { assertIsNamed, type Controller } from './controller.js';
export { VETOES_OF_OTHERS } from './deletion.vetoes.js';
export {
  assertSignInIsSafe,
  type AuditLogSettings,
  type Environment,
  loadEnvironmentFile,
  readEnvironment,
  type TokenIssuer,
  type TokenType,
} from './environment.js';
export type { TrafficLimits } from './traffic.limits.js';
