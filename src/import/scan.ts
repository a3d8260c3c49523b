import type { ProblemLog } from './problem.log.js';
import { type CsvOptions, type CsvRecord, readCsv } from './csv.js';
import { CsvUnreadable } from './csv.text.js';
import type { SyntheaFile, SyntheaFolder } from './folder.js';
import { type EntityRow, HeaderProblem, type Reading, RowReader } from './row.reader.js';
import type { Spill } from './spill.js';
import type { Tally } from './tally.js';

/** A row that was read without a problem, on its way to its patient. */
export interface SpilledRow {
  readonly patientId: string;
  readonly file: string;
  readonly resourceType: string;
  /** Line of the file, for what shows only once all rows of the patient are together. */
  readonly line: number;
  readonly row: EntityRow;
}

/**
 * The first pass: reads every file to its end, checks every row, and spills the good ones. Writes nothing to the
 * database. Of the folder it keeps the patients' ids in memory, nothing else.
 */
export class Scan {
  /** Patients that may not be written, for at least one of their rows is bad. */
  readonly rejected = new Set<string>();
  /** False once rows were met of which nobody can tell whose they are: then no patient is known to be whole. */
  isTrusted = true;
  /** Every patient of the patients file that has an id, with a number of its own. */
  private readonly patients = new Map<string, number>();
  private withoutId = 0;
  private readonly absences: string[] = [];

  constructor(
    private readonly spill: Spill<SpilledRow>,
    private readonly tally: Tally,
    private readonly problems: ProblemLog,
  ) {}

  /** All patients of the patients file, the rejected ones among them. */
  get patientCount(): number {
    return this.patients.size + this.withoutId;
  }

  /** Patients that are rejected so far; of some of them no id is known. */
  get rejectedCount(): number {
    return this.rejected.size + this.withoutId;
  }

  /** Of every file that an old version of Synthea wrote, what is not in it. */
  get absent(): readonly string[] {
    return this.absences;
  }

  /** Reads the folder, the patients first. */
  async run(folder: SyntheaFolder, options: CsvOptions): Promise<void> {
    for (const file of folder.files) {
      await this.scanFile(file, options);
      // Without knowing the patients, every other row would be a stranger's.
      if (!this.isTrusted && file.mapping.rowId === 'patient') return;
    }
  }

  private async scanFile(file: SyntheaFile, options: CsvOptions): Promise<void> {
    let reader: RowReader | undefined;
    try {
      for await (const records of readCsv(file.path, options))
        for (const record of records) {
          if (reader === undefined) reader = this.begin(file, record);
          else this.take(file, record, reader.read(record.cells));
        }
      if (reader === undefined) throw new HeaderProblem('the file is empty, it has no header');
    } catch (error) {
      if (error instanceof HeaderProblem) this.distrust(`${file.name}:1`, error.message);
      else if (error instanceof CsvUnreadable)
        this.distrust(error.line === undefined ? file.name : `${file.name}:${error.line}`, error.message);
      else throw error;
    }
  }

  private begin(file: SyntheaFile, header: CsvRecord): RowReader {
    const reader = new RowReader(file.mapping, header.cells);
    if (reader.absent.length > 0)
      this.absences.push(
        `${file.name}: from an older Synthea, without ${reader.absent.join(', ')}: left empty`,
      );
    return reader;
  }

  private take(file: SyntheaFile, { line }: CsvRecord, reading: Reading): void {
    const place = `${file.name}:${line}`;
    const rows = this.tally.rows(file.mapping.resourceType);
    rows.read++;
    for (const problem of reading.problems) this.problems.add(place, problem);
    const [patientId, row] =
      file.mapping.rowId === 'patient' ? this.admit(place, reading) : this.attribute(file, place, reading);
    const number = this.patients.get(patientId ?? '');
    if (
      patientId === undefined ||
      number === undefined ||
      row === undefined ||
      this.rejected.has(patientId)
    ) {
      rows.rejected++;
      return;
    }
    const { resourceType } = file.mapping;
    this.spill.add(number, { patientId, file: file.name, resourceType, line, row });
  }

  /** A row of the patients file: makes its patient known. */
  private admit(place: string, { row, patientIds }: Reading): [string | undefined, EntityRow | undefined] {
    if (patientIds.length === 0) this.withoutId++;
    for (const patientId of patientIds) {
      if (this.patients.has(patientId)) {
        this.problems.add(place, 'ID: occurs a second time, so it is not known which of the two is meant');
        this.rejected.add(patientId);
      } else {
        // A copy: as part of the file's text the id would keep all of that in memory.
        this.patients.set(Buffer.from(patientId).toString(), this.patients.size);
      }
      if (row === undefined) this.rejected.add(patientId);
    }
    return [patientIds[0], row];
  }

  /** A row of any other file: finds its patient. */
  private attribute(
    file: SyntheaFile,
    place: string,
    { row, patientIds, attributed }: Reading,
  ): [string | undefined, EntityRow | undefined] {
    const known = patientIds.filter((patientId) => this.patients.has(patientId));
    if (row === undefined) for (const patientId of known) this.rejected.add(patientId);
    if (known.length > 0) return [known[0], row];
    if (!attributed) this.distrust(place, 'cannot be attributed to any patient of this folder');
    else this.problems.add(place, `${file.mapping.patient}: no such patient in the patients file`);
    return [undefined, undefined];
  }

  private distrust(place: string, reason: string): void {
    this.problems.add(place, reason);
    this.isTrusted = false;
  }
}
