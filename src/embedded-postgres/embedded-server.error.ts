/** The embedded server cannot be used; the message says what happened, where, and what to do next. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}
