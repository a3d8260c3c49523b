import { Presets, SingleBar } from 'cli-progress';

/** How far a long piece of work has come. */
export interface Progress {
  /**
   * @param total what {@link advance} adds up to
   * @param unit what is counted; with it the rate is shown
   */
  begin(title: string, total: number, unit?: string): void;
  advance(by: number): void;
  end(): void;
}

/** A bar where a person watches, one line every tenth of the way where a file or a log does; on stderr. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? new ProgressBar(stream) : new ProgressLines(stream);
}

/** Counts what is done a second since the beginning. */
class Rate {
  private readonly started = performance.now();
  private done = 0;

  constructor(private readonly unit: string | undefined) {}

  add(by: number): string {
    this.done += by;
    if (this.unit === undefined) return '';
    const seconds = Math.max(0.001, (performance.now() - this.started) / 1_000);
    return `${Math.round(this.done / seconds)} ${this.unit}/s`;
  }
}

class ProgressBar implements Progress {
  private bar: SingleBar | undefined;
  private rate = new Rate(undefined);

  constructor(private readonly stream: NodeJS.WriteStream) {}

  begin(title: string, total: number, unit?: string): void {
    const speed = unit === undefined ? '' : ' | {speed}';
    const format = `${title.padEnd(18)} {bar} {percentage} %${speed} | {eta_formatted} left`;
    this.rate = new Rate(unit);
    this.bar = new SingleBar({ format, stream: this.stream }, Presets.shades_classic);
    this.bar.start(total, 0, { speed: this.rate.add(0) });
  }

  advance(by: number): void {
    this.bar?.increment(by, { speed: this.rate.add(by) });
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
  private rate = new Rate(undefined);

  constructor(private readonly stream: NodeJS.WritableStream) {}

  begin(title: string, total: number, unit?: string): void {
    Object.assign(this, { title, total, done: 0, tenths: 0, rate: new Rate(unit) });
    this.stream.write(`${title} …\n`);
  }

  advance(by: number): void {
    this.done += by;
    const tenths = Math.floor((this.done / this.total) * 10);
    const speed = this.rate.add(by);
    if (tenths > this.tenths)
      this.stream.write(`${this.title}: ${tenths * 10} %${speed === '' ? '' : `, ${speed}`}\n`);
    this.tenths = tenths;
  }

  end(): void {
    return undefined;
  }
}
