import { v5 as uuidv5 } from 'uuid';
import type { CellValue } from './cell.js';

/** Drawn once, at random. Another one would give every row without an Id another id, and import all of them anew. */
const NAMESPACE = '2b600ab8-116d-47b7-8833-201cef08cb76';

/**
 * The id of a row whose file has no Id of its own: a UUIDv5 of the kind of file, the patient's id, and the row's
 * cells as parsed, by header in alphabetical order. Columns that only newer versions of Synthea write
 * and columns that are not imported have no part in it. So the order of rows and columns, line ends, quotes and
 * compression make no difference, and the same row has the same id at every import.
 */
export function contentId(
  file: string,
  patientId: string,
  cells: readonly (readonly [header: string, value: CellValue])[],
): string {
  return uuidv5(JSON.stringify([file, patientId, cells]), NAMESPACE);
}

/**
 * The id of the n-th row of one patient with the same content, counted from 0: exact duplicates are rows of their
 * own, and which of them is which makes no difference.
 */
export function occurrenceId(id: string, occurrence: number): string {
  return occurrence === 0 ? id : uuidv5(String(occurrence), id);
}
