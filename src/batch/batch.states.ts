/** How a batch stands. RUNNING also while it waits for a worker; CANCELLED and COMPLETED are ends. */
export const BATCH_STATES = ['RUNNING', 'PAUSED', 'CANCELLED', 'COMPLETED'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** Ends of an item. */
export const OUTCOMES = [
  ...(['DELETED', 'WOULD_DELETE', 'ALREADY_DELETED', 'NOT_FOUND', 'VETOED', 'FAILED'] as const),
  ...(['CANCELLED', 'INVALID', 'DUPLICATE'] as const),
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How an item, one line of the list, stands. */
export const ITEM_STATES = ['PENDING', 'RUNNING', ...OUTCOMES] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** How many items have each end; those that none has are left out. */
export type Counts = Readonly<Partial<Record<Outcome, number>>>;

/** What a state means, for people, where the item has no sentence of its own. */
export const SENTENCES: Readonly<Record<ItemState, string>> = {
  PENDING: 'Waiting.',
  RUNNING: 'At work.',
  DELETED: 'Deleted.',
  WOULD_DELETE: 'Would be deleted; nothing was changed.',
  ALREADY_DELETED: 'The patient had been deleted before. Nothing was changed.',
  NOT_FOUND: 'No patient has this id. Nothing was changed.',
  VETOED: 'A shard refused. Nothing was changed.',
  FAILED: 'The deletion failed. Nothing was changed.',
  CANCELLED: 'The batch was cancelled before this line was begun. Nothing was changed.',
  INVALID: 'This line names no patient.',
  DUPLICATE: 'The patient stands on an earlier line of the list already.',
};

/** Ends with which a patient that the list names is not deleted and not about to be. */
export const NOT_DELETED: readonly Outcome[] = ['NOT_FOUND', 'VETOED', 'FAILED', 'CANCELLED', 'INVALID'];
