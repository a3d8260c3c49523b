/** What a statement has to know of a table. */
export interface StatementTable {
  readonly schema: string;
  readonly table: string;
}

/** How a row is locked: both keep out whoever deletes or restores; the second lets others refer to the row. */
export type RowLock = 'FOR UPDATE' | 'FOR NO KEY UPDATE';

/**
 * How the rows of a table are hidden: the one writer of SQL on tables of this kind. Every statement looks rows up by
 * the patient's id, a uuid, which is its first parameter; all parameters and results are PostgreSQL's own text.
 */
export interface Strategy {
  /** In a statement on the table: whether a row is hidden. */
  readonly isHidden: string;
  /** In a statement on the table: the deletion that has hidden a row; null where none of Silgi's has. */
  readonly hiddenBy: string;

  /** Locks the patient's rows on which those of other tables hang; undefined where the patient's own lock does. */
  lockRows?(table: StatementTable): string;

  /** An expression: how many live rows the patient has. */
  countLive(table: StatementTable): string;

  /** The same by what hides a row itself, for whoever checks the result of hiding afterwards. */
  countNotHidden(table: StatementTable): string;

  /** An expression: how many rows of the patient a deletion hides. Parameters: patient, deletion id. */
  countHiddenBy(table: StatementTable): string;

  /** How many rows a deletion has hidden, read back from the database. Parameters: patient, deletion id. */
  countHidden(table: StatementTable): string;

  /** A condition: a row of the patient carries the id of a deletion, hidden or not. Parameters: key, deletion id. */
  carries(table: StatementTable): string;

  /**
   * Whether the patient's row is hidden, and by which deletion. No row where there is none.
   *
   * @param lock takes the row so; where marks are one-way for the role, it finds no row that is hidden
   */
  stateOf(table: StatementTable, lock?: RowLock): string;

  /** The same where a deletion hides the patient's row, which is locked; for the role that restores. */
  lockHidden(table: StatementTable): string;

  /** A condition: the patient has a live row. */
  hasLive(table: StatementTable): string;

  /**
   * Every row that carries the id of a deletion, summed up: columns `patient`, `deletion_id`, `hidden` (rows), `live`
   * (rows that carry it and are not hidden), and `earliest` and `latest` (when), null where one has no time. No
   * parameters.
   */
  sumOfMarks(table: StatementTable): string;

  /** How many rows are live of patients who are hidden, or have no patient at all. No parameters. */
  countOrphans(table: StatementTable, root: StatementTable): string;
}

/** Statements that hide the rows of one table by itself: those of a hospital's own tables leave, and come back, together. */
export interface HidingStatements {
  /**
   * Hides every live row of the patient. Rows that the hospital's own system hid earlier are not touched.
   *
   * Parameters: patient, time, deletion id. Result: the rows that are hidden by this deletion in the end.
   */
  hide(table: StatementTable): string;

  /**
   * Takes back what {@link hide} has done: exactly the rows that this deletion hides. Rows that the hospital's own system
   * hid stay so. For the role that restores (docs/adr/0034-restorations.md); any other finds none of them.
   *
   * Parameters: key, deletion id. Result: the rows that are as they were before the deletion in the end.
   */
  restore(table: StatementTable): string;
}

/** What taking patients in asks of a table: only into Silgi's own tables, a hospital's are filled by its own application. */
export interface IntakeStatements {
  /** Keeps the rows of many patients from being hidden until the transaction ends. Parameter: an array of keys. */
  keepLive(table: StatementTable): string;

  /** The keys of those patients whose row is hidden. Parameter: an array of keys. */
  hiddenAmong(table: StatementTable): string;

  /**
   * Adds rows, and leaves those that are there already as they are. Parameter: the rows as JSON, by the names of their
   * columns. Result: the key of each patient with the number of rows that were added.
   *
   * @param columns what the rows have; others get their defaults
   */
  add(table: StatementTable, columns: readonly string[]): string;
}
