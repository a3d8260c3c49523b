import { createHash } from 'node:crypto';
import { textOfTable } from '../declaration/index.js';
import type { CatalogueTable } from './catalogue.js';

/**
 * A SHA-256 of the names, types and keys of all watched tables, and of nothing that changes with the rows: two databases
 * of one shape have the same one. Order counts where it means something: that of the columns in a key.
 *
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function fingerprintOf(tables: readonly CatalogueTable[]): string {
  const shapes = tables.map((table) => [
    textOfTable(table),
    table.kind,
    sorted(table.columns.map(({ name, type, notNull }) => [name, type, notNull])),
    sorted(
      table.indexes
        .filter(({ unique }) => unique)
        .map(({ columns, primary, partial }) => [columns, primary, partial]),
    ),
    sorted(
      table.foreignKeys.map(({ columns, target, targetColumns, onDelete }) => [
        columns,
        textOfTable(target),
        targetColumns,
        onDelete,
      ]),
    ),
  ]);
  return `sha256:${createHash('sha256').update(sorted(shapes).join('\n')).digest('hex')}`;
}

const sorted = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry)).sort();
