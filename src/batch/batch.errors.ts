import { SilgiError } from '../common/index.js';

/** No batch has this id. */
export class BatchNotFound extends SilgiError {
  readonly code = 'BATCH_NOT_FOUND';
  constructor() {
    super(
      'No deletion batch has this id: there has been none, or it ended so long ago that it was removed with its list. The records and audit events of its deletions are kept.',
    );
  }
}

/** The batch is not in a state in which this can be done with it. */
export class BatchStateConflict extends SilgiError {
  readonly code = 'BATCH_STATE_CONFLICT';

  /** @param why one sentence: how the batch stands, and what could be done instead */
  constructor(why: string) {
    super(`${why} Nothing was changed.`);
  }
}

/** The list as a whole cannot be read: no batch was made of it. */
export class ListUnreadable extends SilgiError {
  readonly code = 'BATCH_LIST_UNREADABLE';

  /**
   * @param why what is wrong, without anything of what stands in the list
   * @param line of the list, from 1; undefined where no line is to blame
   */
  constructor(
    why: string,
    readonly line?: number,
    options?: ErrorOptions,
  ) {
    super(
      `${line === undefined ? 'The list: ' : `Line ${line}: `}${why}. Nothing was stored and nobody deleted.`,
      options,
    );
  }
}
