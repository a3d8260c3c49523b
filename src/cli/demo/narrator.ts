import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** A column of a table: its heading, and whether it holds figures. */
export interface Column {
  readonly heading: string;
  readonly figures?: boolean;
}

const WIDEST = 92;
const INDENT = '   ';
const LABEL_WIDTH = 11;

/** Tells the demo on a terminal, or plainly into a file: colours and passing lines are for terminals only. */
export class Narrator {
  private readonly coloured: boolean;
  private readonly width: number;
  private acts = 0;
  private isPassing = false;

  constructor(private readonly stream: NodeJS.WriteStream) {
    // Knows NO_COLOR, and terminals that have none.
    this.coloured = stream.isTTY && stream.hasColors();
    this.width = stream.isTTY && stream.columns > 0 ? Math.min(WIDEST, stream.columns - 1) : WIDEST;
  }

  title(text: string): void {
    this.line(this.style('bold', text));
  }

  paragraph(text: string): void {
    for (const line of wrapped(text, this.width)) this.line(line);
  }

  act(title: string): void {
    this.acts += 1;
    this.line('');
    this.line(this.style(['bold', 'cyan'], `${String(this.acts).padStart(2)} ${title}`));
  }

  /** What was done, asked or answered: a label and a text that is broken at words. */
  says(label: string, text: string): void {
    const lines = wrapped(text, this.width - INDENT.length - LABEL_WIDTH);
    for (const [index, line] of lines.entries()) {
      const margin = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
      this.line(`${INDENT}${this.style('dim', margin)}${line}`);
    }
  }

  /** @param foot a last row, set off from the others */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], foot?: readonly string[]): void {
    const all = [columns.map(({ heading }) => heading), ...rows, ...(foot === undefined ? [] : [foot])];
    const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
    const laid = (row: readonly string[]) =>
      columns
        .map(({ figures }, index) => {
          const cell = row[index] ?? '';
          const width = widths[index] ?? 0;
          return figures === true ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd();
    this.line(`${INDENT}${this.style('dim', laid(all[0] ?? []))}`);
    for (const row of rows) this.line(`${INDENT}${laid(row)}`);
    if (foot !== undefined) this.line(`${INDENT}${this.style('bold', laid(foot))}`);
  }

  proof(held: boolean, text: string): void {
    const mark = held ? this.style('green', '✓') : this.style(['bold', 'red'], '✗ FAILED:');
    const lines = wrapped(text, this.width - INDENT.length - 2);
    for (const [index, line] of lines.entries())
      this.line(`${INDENT}${index === 0 ? mark : ' '} ${held ? line : this.style('red', line)}`);
  }

  verdict(good: boolean, text: string): void {
    this.line('');
    this.line(this.style(['bold', good ? 'green' : 'red'], text));
  }

  /** Something under way, on a terminal only; the next line takes its place, and so does an empty text. */
  passing(text: string): void {
    if (!this.stream.isTTY) return;
    this.clear();
    if (text === '') return;
    this.stream.write(this.style('dim', text));
    this.isPassing = true;
  }

  private line(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  private clear(): void {
    if (this.isPassing) this.stream.write('\r\u001b[2K');
    this.isPassing = false;
  }

  private style(style: Style, text: string): string {
    return this.coloured ? styleText(style, text) : text;
  }
}

/** A whole number as people read it: 35,119. */
export function figure(value: number): string {
  return value.toLocaleString('en-US');
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
