/** The environment cannot be used as it is: a variable is wrong or missing. The message is one line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
