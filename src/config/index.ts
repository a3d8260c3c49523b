export {
  assertSignInIsSafe,
  type AuditLogSettings,
  ConfigurationError,
  type Environment,
  loadEnvironmentFile,
  readEnvironment,
  type TokenIssuer,
  type TrafficLimits,
} from './environment.js';
