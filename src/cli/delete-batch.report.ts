import { closeSync, openSync, writeSync } from 'node:fs';
import type { ItemView } from '../batch/index.js';
import { CommandFailed } from '../common/index.js';

const SHOWN = 50;

/** The lines of a batch that were not deleted: all in a CSV where one is asked for, the first ones on the screen. */
export class BatchReport {
  private readonly file: number | undefined;
  private readonly first: string[] = [];
  private total = 0;

  /**
   * @param path file that gets every line; an older one is replaced
   * @throws CommandFailed where that file cannot be written, before anything is done
   */
  constructor(private readonly path?: string) {
    if (path === undefined) return;
    try {
      this.file = openSync(path, 'w', 0o600);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new CommandFailed(`The report cannot be written to ${path} (${code}). Nothing was done.`, 2, {
        cause,
      });
    }
    writeSync(this.file, 'line,patientId,state,code,detail\r\n');
  }

  add({ line, patientId, state, code, detail }: ItemView): void {
    this.total++;
    if (this.first.length < SHOWN)
      this.first.push(`line ${line}: ${state}${patientId === null ? '' : ` ${patientId}`}: ${detail}`);
    const cells = [String(line), patientId ?? '', state, code ?? '', `"${detail.replaceAll('"', '""')}"`];
    if (this.file !== undefined) writeSync(this.file, `${cells.join(',')}\r\n`);
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
    if (this.file !== undefined) closeSync(this.file);
  }
}
