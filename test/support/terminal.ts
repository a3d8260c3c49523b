import { Readable } from 'node:stream';

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin');

/**
 * Answers the next question as at a terminal.
 *
 * @param text what is typed before Enter; undefined ends the input instead (Ctrl-D)
 * @param asked is called when the question is on the screen, before the answer
 */
export function answerAtTerminal(text: string | undefined, asked?: () => Promise<void>): void {
  let isAnswered = false;
  const terminal = new Readable({
    read() {
      if (!isAnswered)
        void Promise.resolve(asked?.()).then(() => this.push(text === undefined ? null : `${text}\n`));
      isAnswered = true;
    },
  });
  Object.defineProperty(process, 'stdin', {
    ...stdin,
    get: () => Object.assign(terminal, { isTTY: true }),
  });
}

/** Puts the input of the process back in its place. */
export function leaveTerminal(): void {
  if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin);
}
