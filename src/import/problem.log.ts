import { closeSync, writeSync } from 'node:fs';
import { openOutput } from '../common/index.js';

const SHOWN = 50;

/**
 * What stood in the way of some rows. Only places and reasons come in, never what a row holds. The first of them
 * are kept to be shown, all of them go to the report file: memory does not grow with their number.
 */
export class ProblemLog {
  private readonly first: string[] = [];
  private readonly report: number | undefined;
  private total = 0;

  /**
   * @param reportPath file that gets every problem, one a line
   * @param overwrite whether it may replace one that is there
   * @throws CommandFailed where that file is there and may not be replaced, or cannot be written
   */
  constructor(
    private readonly reportPath?: string,
    overwrite = false,
  ) {
    if (reportPath === undefined) return;
    this.report = openOutput({ path: reportPath, what: 'The report', overwrite });
  }

  get count(): number {
    return this.total;
  }

  /** @param where `file:line`, or whose it is */
  add(where: string, reason: string): void {
    this.total++;
    const line = `${where}: ${reason}`;
    if (this.first.length < SHOWN) this.first.push(line);
    this.note(line);
  }

  /** Writes one more line to the report file, where there is one, without counting it as a problem. */
  note(line: string): void {
    if (this.report !== undefined) writeSync(this.report, `${line}\n`);
  }

  /** The first problems, and where the others are. */
  lines(): string[] {
    const more = this.total - this.first.length;
    if (more === 0) return this.first;
    const where =
      this.reportPath === undefined
        ? 'run again with --report FILE to have all of them in a file'
        : `all of them are in ${this.reportPath}`;
    return [...this.first, `… and ${more} more; ${where}.`];
  }

  close(): void {
    if (this.report !== undefined) closeSync(this.report);
  }
}
