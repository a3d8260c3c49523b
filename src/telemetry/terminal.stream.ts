import type { DestinationStream } from 'pino';

const COLOURS: Readonly<Record<string, number>> = { warn: 33, error: 31, fatal: 31 };

/** Writes the lines of the log for people: time, level, who, what; then the rest as it is. */
export class TerminalStream implements DestinationStream {
  constructor(private readonly terminal: { write(text: string): unknown }) {}

  write(line: string): void {
    const { time, level, msg, context, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const colour = COLOURS[String(level)];
    const label = String(level).toUpperCase().padEnd(5);
    const fields = Object.entries(rest).map(([name, value]) => `${name}=${shown(value)}`);
    const head = [
      String(time).slice(11, 19),
      colour === undefined ? label : `\u001b[${colour}m${label}\u001b[0m`,
      ...(context === undefined ? [] : [`[${shown(context)}]`]),
    ];
    const error = err === undefined ? '' : `\n${JSON.stringify(err, null, 2)}`;
    this.terminal.write(`${[...head, shown(msg), ...fields].join(' ')}${error}\n`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
