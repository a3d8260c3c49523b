import { type Cell, CellProblem, type CellValue, isUuid } from './cell.js';
import { combinationOf, type FileMapping } from './file.mapping.js';
import { contentId } from './row.id.js';

/** A row as its entity has it, but for the patient's id; `id` is absent where the row is the patient. */
export type EntityRow = Readonly<Record<string, unknown>> & { readonly id?: string };

/** What became of one record of a file. */
export interface Reading {
  /** Undefined where there are problems. */
  readonly row?: EntityRow;
  /** Whose row it is. Of a broken record, every id that it may belong to. */
  readonly patientIds: readonly string[];
  /** False where the record is too broken to tell for sure whose it is. */
  readonly attributed: boolean;
  /** Reasons, with the header before them where one cell is the cause. */
  readonly problems: readonly string[];
}

/** A cell as one file has it. */
interface PlacedCell {
  readonly cell: Cell;
  /** What this file calls it. */
  readonly name: string;
  readonly position: number;
}

/** The position of a column that a file does not have. */
const NOWHERE = -1;

/** Which versions of Synthea are read. */
export const VERSIONS_READ =
  'what is read are the CSV files of Synthea 1, 2 and 3, with their own names of columns';

/** The header of a file lacks columns or has one twice: no row of it can be read. */
export class HeaderProblem extends Error {
  override readonly name = 'HeaderProblem';
}

/** Reads the records of one file by the names of its header. */
export class RowReader {
  /** Headers that only old versions of Synthea leave out and this file does, too: what they are for stays empty. */
  readonly absent: readonly string[];
  private readonly cells: readonly PlacedCell[];
  private readonly properties: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly combine: (values: readonly CellValue[]) => unknown;
  }[];
  /** Of the cells that make up the row's id, in alphabetical order. */
  private readonly identity: readonly { readonly header: string; readonly index: number }[];
  private readonly patientPosition: number;
  private readonly idPosition: number;

  /**
   * @param header cells of the file's first record; names are compared without regard to case
   * @throws HeaderProblem naming every header that is missing or there twice
   */
  constructor(
    private readonly mapping: FileMapping,
    private readonly header: readonly string[],
  ) {
    const positions = this.positions();
    const cells: PlacedCell[] = [];
    this.properties = Object.entries(mapping.properties).map(([name, source]) => {
      const { cells: own, combine } = combinationOf(source);
      const from = cells.length;
      for (const cell of own) cells.push(placeOf(cell, positions));
      return { name, from, to: cells.length, combine };
    });
    this.cells = cells;
    this.identity = cells
      .map(({ cell: { header: name, newer } }, index) => ({ header: name, newer, index }))
      .filter(({ newer }) => !newer)
      .sort((a, b) => (a.header < b.header ? -1 : 1));
    this.patientPosition = positions.get(mapping.patient) ?? -1;
    this.idPosition = mapping.rowId === 'column' ? (positions.get('ID') ?? -1) : 0;
    this.assertComplete();
    this.absent = cells
      .filter(({ cell, position }) => position < 0 && cell.absentInOld)
      .map(({ name }) => name);
  }

  /** Reads one record; never throws. */
  read(record: readonly string[]): Reading {
    if (record.length !== this.header.length) {
      const what = `has ${record.length} columns where the header has ${this.header.length}`;
      const patientIds = record.filter(isUuid).map((id) => id.toLowerCase());
      return { patientIds: [...new Set(patientIds)], attributed: false, problems: [what] };
    }
    const patientId = record[this.patientPosition] ?? '';
    if (!isUuid(patientId)) {
      return { patientIds: [], attributed: false, problems: [`${this.mapping.patient}: is not a UUID`] };
    }
    return this.readOf(patientId.toLowerCase(), record);
  }

  private readOf(patientId: string, record: readonly string[]): Reading {
    const problems: string[] = [];
    const values = this.cells.map(({ cell, name, position }) => {
      try {
        return valueOf(cell, record[position] ?? '');
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        problems.push(`${name}: ${error.message}`);
        return null;
      }
    });
    if (this.mapping.rowId === 'column' && !isUuid(record[this.idPosition] ?? ''))
      problems.push('ID: is not a UUID');
    const whose = { patientIds: [patientId], attributed: true, problems };
    return problems.length > 0 ? whose : { ...whose, row: this.rowOf(patientId, record, values) };
  }

  private rowOf(patientId: string, record: readonly string[], values: readonly CellValue[]): EntityRow {
    const row: Record<string, unknown> = {};
    for (const { name, from, to, combine } of this.properties) row[name] = combine(values.slice(from, to));
    switch (this.mapping.rowId) {
      case 'patient':
        return row;
      case 'column':
        return { id: (record[this.idPosition] ?? '').toLowerCase(), ...row };
      case 'content': {
        const cells = this.identity.map(({ header, index }) => [header, values[index] ?? null] as const);
        return { id: contentId(this.mapping.file, patientId, cells), ...row };
      }
    }
  }

  /** Only names that are looked for: in a file without a header these would be a patient's data. */
  private positions(): Map<string, number> {
    const own = Object.values(this.mapping.properties).flatMap((source) => combinationOf(source).cells);
    const former = own.flatMap((cell) => cell.former?.header ?? []);
    const wanted = new Set(['ID', this.mapping.patient, ...own.map(({ header }) => header), ...former]);
    const positions = new Map<string, number>();
    for (const [position, given] of this.header.entries()) {
      const name = given.trim().toUpperCase();
      // What a spreadsheet writes for columns that were only looked at.
      if (name === '') continue;
      if (positions.has(name)) throw new HeaderProblem(`the header has ${name} twice`);
      if (wanted.has(name)) positions.set(name, position);
    }
    return positions;
  }

  private assertComplete(): void {
    const missing = this.cells
      .filter(({ cell, position }) => position < 0 && !cell.newer && !cell.absentInOld)
      .map(({ cell }) => cell.header);
    if (this.patientPosition < 0) missing.unshift(this.mapping.patient);
    if (this.idPosition < 0) missing.unshift('ID');
    if (missing.length > 0)
      throw new HeaderProblem(`the header lacks ${[...new Set(missing)].join(', ')}; ${VERSIONS_READ}`);
  }
}

/** Finds a cell under its own name, else under the one that older versions of Synthea gave it. */
function placeOf(cell: Cell, positions: ReadonlyMap<string, number>): PlacedCell {
  const { header, former } = cell;
  const position = positions.get(header);
  const older = former === undefined ? undefined : positions.get(former.header);
  if (position !== undefined || former === undefined || older === undefined)
    return { cell, name: header, position: position ?? NOWHERE };
  return { cell: { ...cell, parse: former.parse }, name: former.header, position: older };
}

function valueOf({ parse, required }: Cell, given: string): CellValue {
  if (given !== '') return parse(given);
  if (required) throw new CellProblem('is empty');
  return null;
}
