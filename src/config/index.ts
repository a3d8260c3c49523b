export {
  assertSignInIsSafe,
  ConfigurationError,
  type Environment,
  readEnvironment,
  type TokenIssuer,
} from './environment.js';
