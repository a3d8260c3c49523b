import { Presets, SingleBar } from 'cli-progress';

/** How far a long piece of work has come. */
export interface Progress {
  /** @param total what {@link advance} adds up to */
  begin(title: string, total: number): void;
  advance(by: number): void;
  end(): void;
}

/** A bar where a person watches, one line every tenth of the way where a file or a log does; on stderr. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new ProgressBar(stream) : new ProgressLines(stream);
}

class ProgressBar implements Progress {
  private bar: SingleBar | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  begin(title: string, total: number): void {
    const format = `${title.padEnd(18)} {bar} {percentage} % | {eta_formatted} left`;
    this.bar = new SingleBar({ format, stream: this.stream }, Presets.shades_classic);
    this.bar.start(total, 0);
  }

  advance(by: number): void {
    this.bar?.increment(by);
  }

  end(): void {
    this.bar?.stop();
  }
}

class ProgressLines implements Progress {
  private title = '';
  private total = 0;
  private done = 0;
  private tenths = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  begin(title: string, total: number): void {
    Object.assign(this, { title, total, done: 0, tenths: 0 });
    this.stream.write(`${title} …\n`);
  }

  advance(by: number): void {
    this.done += by;
    const tenths = Math.floor((this.done / this.total) * 10);
    if (tenths > this.tenths) this.stream.write(`${this.title}: ${tenths * 10} %\n`);
    this.tenths = tenths;
  }

  end(): void {
    return undefined;
  }
}
