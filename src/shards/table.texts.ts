import { MARK } from './mark.strategy.js';
import type { TableDeclaration } from './table.declaration.js';

/** One text for as long as its subject is the same one: a session knows its statements by their texts. */
function writtenOnce<T extends object>(write: (subject: T) => string): (subject: T) => string {
  const texts = new WeakMap<T, string>();
  return (subject) => {
    const text = texts.get(subject) ?? write(subject);
    texts.set(subject, text);
    return text;
  };
}

/** Counts the live rows of each table in a column of its own. */
export const liveCountOf = writtenOnce(
  (tables: readonly TableDeclaration[]) =>
    `SELECT ${tables.map((table) => table.strategy.countLive(table)).join(', ')}`,
);

/** Counts the rows of each table that one deletion hides in a column of its own. */
export const hiddenCountOf = writtenOnce(
  (tables: readonly TableDeclaration[]) =>
    `SELECT ${tables.map((table) => table.strategy.countHiddenBy(table)).join(', ')}`,
);

/** Hides the live rows of one of Silgi's own tables. */
export const markOf = writtenOnce((table: TableDeclaration) => MARK.hide(table));

/** Takes back what one deletion hides of one of Silgi's own tables. */
export const restorationOf = writtenOnce((table: TableDeclaration) => MARK.restore(table));
