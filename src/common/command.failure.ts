/** Why a command ends without having done its work; the message is one paragraph for the person who ran it. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  /**
   * @param message what happened, what state the data is in, and what to do next
   * @param exitCode 1 for a failure, 2 for wrong usage or missing input, 128 and the signal's number for an interruption
   */
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
