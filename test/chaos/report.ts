import type { Judgement, Verdict } from './checker.js';
import type { Violation } from './checker.facts.js';
import type { HistoryLine } from './history.js';

const VIOLATIONS_SHOWN = 20;
const LINES_SHOWN = 40;

/** What a run was asked to be. */
export interface Setup {
  readonly seed: string;
  readonly minutes: number;
  readonly clients: number;
  /** How many times longer than usual the pauses between faults are. */
  readonly rarer: number;
}

/** What a run was and what came of it. */
export interface Report extends Setup {
  /** Seconds between the first request and the last. */
  readonly seconds: number;
  /** Deletions that are in the database in the end. */
  readonly deletions: number;
  readonly deletionsPerSecond: number;
  readonly faultsFired: number;
  readonly faults: Readonly<Record<string, { tried: number; fired: number }>>;
  readonly answers: Readonly<Record<string, number>>;
  readonly writes: Readonly<Record<string, number>>;
  readonly verdicts: readonly Verdict[];
  readonly violations: readonly Violation[];
}

/** A run's setup in one line. */
export function setupText({ seed, minutes, clients, rarer }: Setup): string {
  const pauses = rarer === 1 ? '' : `, faults ${rarer} times rarer`;
  return `seed ${seed}, ${minutes} minutes, ${clients} clients${pauses}`;
}

/** The report as text. */
export function reportText(report: Report): string {
  const { seconds, deletions, deletionsPerSecond, faultsFired } = report;
  const faults = Object.entries(report.faults).map(([kind, { tried, fired }]) => [
    kind,
    String(fired),
    String(tried),
  ]);
  const verdicts = report.verdicts.map(({ property, promise, verdict, examined }) => [
    property,
    verdict,
    promise,
    examined,
  ]);
  return [
    table(['answers', 'how many'], counts(report.answers)),
    table(['transactions of the hospital', 'how many'], counts(report.writes)),
    table(['fault', 'fired', 'tried'], faults),
    table(['promise', 'verdict', 'what it says', 'examined'], verdicts),
    `${setupText(report)}: ${deletions} deletions in ${seconds} s ` +
      `(${deletionsPerSecond} per second), ${faultsFired} faults fired, ${report.violations.length} violations`,
  ].join('\n\n');
}

/** The violations, the first ones with everything that the history has of their patients. */
export function violationsText({ violations }: Judgement, history: readonly HistoryLine[]): string {
  const shown = violations.slice(0, VIOLATIONS_SHOWN).map(({ property, patient, what }) => {
    const lines = patient === undefined ? [] : linesOf(patient, history);
    return [`${property}  ${patient ?? ''}  ${what}`, ...lines.map((line) => `    ${line}`)].join('\n');
  });
  const rest = violations.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

function linesOf(patient: string, history: readonly HistoryLine[]): string[] {
  const requests = new Set<string>();
  const lines = history.filter((line) => {
    if (line.kind === 'call' && line.patient === patient) requests.add(line.request);
    if (line.kind === 'answer') return requests.has(line.request);
    return 'patient' in line && line.patient === patient;
  });
  return lines.slice(0, LINES_SHOWN).map((line) => JSON.stringify(line));
}

function counts(of: Readonly<Record<string, number>>): string[][] {
  const sorted = Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => [name, String(count)]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.map(line)].join('\n');
}
