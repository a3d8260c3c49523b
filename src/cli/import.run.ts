import type { Environment } from '../config/index.js';
import { PatientIntake } from '../orchestrator/index.js';
import { CommandFailed, type Encoding } from '../common/index.js';
import { withDatabase } from './database.session.js';
import { importTable, patientLine } from './import.summary.js';
import { ProblemLog } from '../import/index.js';
import type { Progress } from './progress.js';
import {
  Loader,
  openFolder,
  patientsOf,
  Scan,
  Spill,
  type SpilledRow,
  type SyntheaFolder,
  Tally,
} from '../import/index.js';

const REJECTED_SHOWN = 50;

/** What an import says: `say` is for its result, `warn` for whatever is wrong. One call is one or more lines. */
export interface Voice {
  readonly say: (lines: string) => void;
  readonly warn: (lines: string) => void;
  readonly progress: Progress;
}

/** One import of one folder: everything is read and checked first, only then anything is written. */
export class ImportRun {
  private readonly started = performance.now();
  private readonly tally = new Tally();
  private readonly spill = new Spill<SpilledRow>();
  private readonly scan: Scan;

  private constructor(
    private readonly folder: SyntheaFolder,
    private readonly problems: ProblemLog,
    private readonly voice: Voice,
  ) {
    this.scan = new Scan(this.spill, this.tally, problems);
  }

  /**
   * Imports a folder.
   *
   * @param path folder with Synthea's CSV files
   * @param reportPath file for all problems; without it the first of them are shown
   * @param overwrite whether that file may replace one that is there
   * @param encoding of the files; UTF-8 unless given
   * @returns whether everything about patients that the folder holds is in the database
   * @throws CommandFailed where nothing was imported, or the import was cut short
   */
  static async of(
    path: string,
    {
      environment,
      reportPath,
      overwrite,
      encoding,
      voice,
    }: {
      environment: Environment;
      reportPath?: string | undefined;
      overwrite?: boolean | undefined;
      encoding?: Encoding | undefined;
      voice: Voice;
    },
  ): Promise<boolean> {
    const folder = await openFolder(path);
    const problems = new ProblemLog(reportPath, overwrite);
    const run = new ImportRun(folder, problems, voice);
    try {
      await run.read(encoding);
      await run.write(environment);
      return run.isComplete;
    } finally {
      run.spill.close();
      problems.close();
    }
  }

  private get isComplete(): boolean {
    return this.tally.isClean && this.folder.leftOut.length === 0;
  }

  private async read(encoding: Encoding = 'utf-8'): Promise<void> {
    const { progress } = this.voice;
    progress.begin(
      'Reading files',
      this.folder.files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    try {
      await this.scan.run(this.folder, {
        encoding,
        onBytes: (bytes) => {
          progress.advance(bytes);
        },
      });
    } finally {
      progress.end();
    }
    if (this.scan.isTrusted) return;
    this.voice.warn(this.problems.lines().join('\n'));
    throw new CommandFailed(
      'Some rows cannot be read, or not be attributed to a patient, so of no patient it is known that all rows are ' +
        'here. Nothing was written to the database. Mend what is named above and import again.',
    );
  }

  private async write(environment: Environment): Promise<void> {
    const { progress } = this.voice;
    await withDatabase(environment, async ({ app, interruption }) => {
      const loader = new Loader({
        intake: app.get(PatientIntake),
        tally: this.tally,
        problems: this.problems,
        rejected: this.scan.rejected,
        assertWanted: () => {
          interruption.assertNone(
            'Interrupted. Every patient counted above is whole in the database, and of the others there is nothing. ' +
              'Run the same import again to go on.',
          );
        },
        onPatient: () => {
          progress.advance(1);
        },
      });
      progress.begin('Loading patients', this.scan.patientCount);
      try {
        await loader.load(patientsOf(this.spill));
      } finally {
        progress.end();
        this.report();
      }
    });
    this.voice.say(
      this.isComplete
        ? 'next: npm start serves these patients; npm run demo shows a deletion step by step'
        : 'next: mend what is named above and import the folder again; what is loaded is not added twice',
    );
  }

  private report(): void {
    const { warn, say } = this.voice;
    this.tally.patients.rejected = this.scan.rejectedCount;
    if (this.problems.count > 0) warn(this.problems.lines().join('\n'));
    if (this.scan.rejected.size > 0) warn(this.rejectedLines().join('\n'));
    for (const name of this.folder.leftOut)
      warn(
        `${name} is about patients and is left out: no table is for it, and none of its rows is in the database. ` +
          'Take it out of the folder to import without it.',
      );
    if (this.scan.absent.length > 0) say(this.scan.absent.join('\n'));
    say(importTable(this.folder, this.tally));
    say(patientLine(this.tally.patients, performance.now() - this.started));
  }

  /** All of them go to the report file, the first ones to the screen. */
  private rejectedLines(): string[] {
    const lines = [...this.scan.rejected].map((patientId) => `rejected, not written: patient ${patientId}`);
    for (const line of lines) this.problems.note(line);
    const more = lines.length - REJECTED_SHOWN;
    return more <= 0 ? lines : [...lines.slice(0, REJECTED_SHOWN), `… and ${more} more patients.`];
  }
}
