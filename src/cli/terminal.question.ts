import { createInterface } from 'node:readline/promises';

/**
 * Asks whoever sits at the terminal.
 *
 * @returns what was typed, without the spaces around it; undefined where there is no terminal, and on Ctrl-C or the end
 *   of the input
 */
export async function typedAnswer(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  // Node itself leaves a question open for ever when its terminal is closed.
  terminal.once('close', () => {
    ended.abort();
  });
  try {
    return (await terminal.question(question, { signal: ended.signal })).trim();
  } catch {
    return undefined;
  } finally {
    terminal.close();
  }
}
