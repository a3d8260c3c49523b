/** What a statement has to know of a table. */
export interface StatementTable {
  readonly schema: string;
  readonly table: string;
  /** The column that holds the patient's key, and its type. */
  readonly key: { readonly column: string; readonly type: 'uuid' };
}

/**
 * How the rows of a table are hidden: the one writer of SQL on tables of this kind. Every statement looks rows up by
 * the patient's key, which is its first parameter; all parameters and results are PostgreSQL's own text.
 */
export interface Strategy {
  /** In a statement on the table: whether a row is hidden. */
  readonly isHidden: string;
  /** In a statement on the table: the deletion that has hidden a row; null where none of Silgi's has. */
  readonly hiddenBy: string;

  /** An expression: how many live rows the patient has. */
  countLive(table: StatementTable): string;

  /** The same by what hides a row itself, for whoever checks the result of {@link hide} afterwards. */
  countNotHidden(table: StatementTable): string;

  /**
   * Hides every live row of the patient. Rows that the hospital's own system hid earlier are not touched.
   *
   * Parameters: key, time, deletion id. Result: the rows that are hidden by this deletion in the end.
   */
  hide(table: StatementTable): string;

  /** How many rows a deletion has hidden, read back from the table. Parameters: key, deletion id. */
  countHidden(table: StatementTable): string;

  /** Whether the patient's row is hidden, and by which deletion; it is locked so. No row where there is none. */
  lockState(table: StatementTable, lock: 'FOR UPDATE' | 'FOR KEY SHARE'): string;

  /** A condition: the patient has a live row. */
  hasLive(table: StatementTable): string;

  /** How many rows are live of patients who are hidden, or have no patient at all. No parameters. */
  countOrphans(table: StatementTable, root: StatementTable): string;
}
