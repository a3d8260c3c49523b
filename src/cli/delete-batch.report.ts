import { closeSync, createReadStream, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import { type ItemView, type PatientList, readCsvList } from '../batch/index.js';
import { openOutput } from '../common/index.js';

const SHOWN = 50;
const PIECE = 1_000;
const HEADER = 'line,patientId,state,code,detail\r\n';
const NOT_WHOLE = ',,,,"Not every line is here: the last words of the command say why."\r\n';
const NOT_ASKED = 'No deletion was asked for: the command ended before that. Nothing was changed.';

/** A line as it is reported; NOT_ASKED where no deletion of its patient was asked for. */
export type ReportedLine = Pick<ItemView, 'line' | 'patientId' | 'code' | 'detail'> & {
  readonly state: ItemView['state'] | 'NOT_ASKED';
};

/**
 * The lines of a list that were not deleted: all in a CSV where one is asked for, on the screen the first ones of those
 * that could not be either. However the command ends, the CSV has every line, or a last one that says that it has not.
 */
export class BatchReport {
  private readonly file: number | undefined;
  private first: string[] = [];
  private total = 0;
  private isBegun = false;
  private isWhole = false;

  /**
   * @param path file that gets every line
   * @param overwrite whether it may replace one that is there
   * @throws CommandFailed where that file is there and may not be replaced, or cannot be written; nothing is done yet
   */
  constructor(
    private readonly path?: string,
    overwrite = false,
  ) {
    if (path === undefined) return;
    this.file = openOutput({ path, what: 'The report', overwrite });
  }

  /** Whether every line is wanted, and not only what the screen shows. */
  get isWanted(): boolean {
    return this.file !== undefined;
  }

  /** Empties the report, since what it holds may soon be no longer true. */
  begin(): void {
    this.isBegun = true;
    this.isWhole = false;
    this.first = [];
    this.total = 0;
    if (this.file === undefined) return;
    if (fstatSync(this.file).isFile()) ftruncateSync(this.file);
    writeSync(this.file, HEADER);
  }

  /** Replaces what the report holds by these lines. */
  async fill(lines: AsyncIterable<ReportedLine> | Iterable<ReportedLine>): Promise<void> {
    this.begin();
    for await (const line of lines) this.add(line);
    this.isWhole = true;
  }

  /** Where nothing was reported yet: every line of the list as it is read, of which no deletion was asked for. */
  async fillUnasked(list: string): Promise<void> {
    if (this.isBegun || !this.isWanted) return;
    try {
      await this.fill(unasked(await readCsvList(createReadStream(list))));
    } catch {
      // The report says itself that it is not whole; the command ends with an error that came before this one.
    }
  }

  /** The first lines, and where the others are. */
  lines(): string[] {
    const more = this.total - this.first.length;
    if (more === 0) return this.first;
    const where =
      this.path === undefined ? 'run with --report FILE to have all of them' : `all are in ${this.path}`;
    return [...this.first, `… and ${more} more; ${where}.`];
  }

  close(): void {
    if (this.file === undefined) return;
    try {
      if (!this.isBegun) this.begin();
      if (!this.isWhole) writeSync(this.file, NOT_WHOLE);
    } catch {
      // A disk that is full: the error with which the command ends says so.
    } finally {
      closeSync(this.file);
    }
  }

  private add({ line, patientId, state, code, detail }: ReportedLine): void {
    if (state !== 'WOULD_DELETE') {
      this.total++;
      if (this.first.length < SHOWN)
        this.first.push(`line ${line}: ${state}${patientId === null ? '' : ` ${patientId}`}: ${detail}`);
    }
    const cells = [String(line), patientId ?? '', state, code ?? '', `"${detail.replaceAll('"', '""')}"`];
    if (this.file !== undefined) writeSync(this.file, `${cells.join(',')}\r\n`);
  }
}

function* unasked(list: PatientList): Generator<ReportedLine> {
  const firstLines = new Map<string, number>();
  for (const piece of list.pieces(PIECE))
    for (const { line, patientId, key, reason } of piece) {
      const named = patientId ?? key;
      const first = named === null ? undefined : firstLines.get(named);
      if (named === null) yield { line, patientId, state: 'INVALID', code: null, detail: reason };
      else if (first !== undefined)
        yield { line, patientId, state: 'DUPLICATE', code: null, detail: duplicateOf(first) };
      else {
        firstLines.set(named, line);
        yield { line, patientId, state: 'NOT_ASKED', code: null, detail: NOT_ASKED };
      }
    }
}

function duplicateOf(line: number): string {
  return `The patient stands on line ${line} already.`;
}
