import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { builtScript } from '../support/product.build.js';

/** Prints what the process has taken, as the last line of stderr. */
const TELL_USAGE = `data:text/javascript,process.on('exit',()=>console.error(JSON.stringify(process.resourceUsage())))`;

/** What a command of the compiled product has taken, its start included. */
export interface CommandRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most memory that it held. */
  readonly peakMegabytes: number;
  readonly stdout: string;
}

/**
 * Runs a command as its user does.
 *
 * @param env its variables beside where programs and homes are
 * @throws the error of `execFile`, with what it said, where it ends with another code than 0
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandRun> {
  const { PATH, HOME, TMPDIR } = process.env;
  const node = ['--enable-source-maps', '--import', TELL_USAGE, builtScript('cli/main.ts'), ...args];
  const started = performance.now();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, node, {
    env: { PATH, HOME, TMPDIR, ...env },
  });
  const seconds = (performance.now() - started) / 1_000;
  const usage = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as NodeJS.ResourceUsage;
  return {
    seconds,
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMegabytes: usage.maxRSS / 1_024,
    stdout,
  };
}
