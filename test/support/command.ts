import { jest } from '@jest/globals';
import type { Command } from 'commander';

/** How a command has ended, and all that it printed: the error that it ended with included. */
export interface EndedCommand {
  readonly code: number;
  readonly said: string;
}

/** Runs a command in this process, which spares a test the start of another one. */
export async function runInProcess(command: Command, ...args: string[]): Promise<EndedCommand> {
  let said = '';
  const write = ((text: string) => {
    said += text;
    return true;
  }) as typeof process.stdout.write;
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(write),
  );
  const kept = process.exitCode;
  const ended = () => Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' });
    return { code: ended(), said };
  } catch (error) {
    const { message, exitCode } = error as Error & { exitCode?: number };
    return { code: exitCode ?? 1, said: `${said}${message}` };
  } finally {
    process.exitCode = kept;
    for (const spy of spies) spy.mockRestore();
  }
}
