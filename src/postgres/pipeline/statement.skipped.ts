/** A statement before it, in the same message, has failed: the server has not looked at this one. */
export class StatementSkipped extends Error {
  constructor() {
    super('A statement before it has failed');
  }
}
