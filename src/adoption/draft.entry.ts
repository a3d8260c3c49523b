/** One table of a proposed declaration. */
export interface DraftEntry {
  readonly section: 'tables' | 'kept' | 'reference';
  /** As a declaration writes it. */
  readonly name: string;
  /** What the file says of it, without the marks. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly comments: readonly string[];
  /** Questions; never empty. */
  readonly decide: readonly string[];
  readonly refused: readonly string[];
  readonly open: readonly string[];
  readonly unread: readonly string[];
}

/** What cannot be done right as it is, as a question for a person. @param reason without its full stop */
export const asQuestion = (reason: string) => `Refused as it is: ${reason}.`;

/** The comment on the views that read a table. */
export const readBy = (views: readonly string[]) =>
  views.length === 0 ? [] : [`Read by the views ${views.join(', ')}.`];
