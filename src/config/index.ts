export {
  assertSignInIsSafe,
  type AuditLogSettings,
  type BatchSettings,
  ConfigurationError,
  type Environment,
  loadEnvironmentFile,
  readEnvironment,
  type TokenIssuer,
  type TrafficLimits,
} from './environment.js';
