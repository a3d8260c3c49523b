import type { Cell, CellValue } from './cell.js';

/** A property of an entity made from several cells of a row. */
export interface CombinedCells {
  readonly cells: readonly Cell[];
  readonly combine: (values: readonly CellValue[]) => unknown;
}

/** How one kind of Synthea file becomes rows of one patient-owned table. */
export interface FileMapping {
  /** File name without its extension. */
  readonly file: string;
  readonly resourceType: string;
  /** Header of the column with the patient's id. */
  readonly patient: string;
  /**
   * Where a row's id comes from: `patient`, a row is the patient; `column`, the file's own Id, which is unique;
   * `content`, the file has no Id, or one that is not unique (see `contentId`).
   */
  readonly rowId: 'patient' | 'column' | 'content';
  /** What each property of the entity is read from. */
  readonly properties: Readonly<Record<string, Cell | CombinedCells>>;
}

/** The cells that a property is read from, and how they become its value. */
export function combinationOf(source: Cell | CombinedCells): CombinedCells {
  return 'cells' in source ? source : { cells: [source], combine: ([value]) => value };
}
