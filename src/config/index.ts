export {
  assertSignInIsSafe,
  ConfigurationError,
  type Environment,
  loadEnvironmentFile,
  readEnvironment,
  type TokenIssuer,
} from './environment.js';
