import { Logger } from '@nestjs/common';
import type { Service } from './service.js';

export const EXIT_FAILED = 1;
/** Longer than the outcome of a commit is looked for (RELIABILITY rule 11): a deletion comes to its end. */
const STOP_LIMIT_MS = 60_000;
/** Ctrl-C reaches this process twice where npm started it: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Ends the process when it is told to, or when an error was caught by nobody. */
export function endInOrder(service: Service): void {
  const log = new Logger('Service');
  let since: number | undefined;
  const end = (code: number) => {
    since = performance.now();
    setTimeout(() => {
      log.fatal(`Not stopped within ${STOP_LIMIT_MS / 1_000} s; what was not committed is rolled back.`);
      process.exit(EXIT_FAILED);
    }, STOP_LIMIT_MS).unref();
    service.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log.fatal('The service could not be stopped in order', error);
        process.exit(EXIT_FAILED);
      },
    );
  };
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (since !== undefined && performance.now() - since > SAME_SIGNAL_MS) process.exit(code);
      if (since !== undefined) return;
      log.log(`${signal}: stopping when the running requests are answered; once more to stop at once.`);
      end(0);
    });
  }
  // Unhandled rejections come here too, as there is no listener of their own.
  process.on('uncaughtException', (error) => {
    log.fatal('An error was caught by nobody; the service stops', error);
    if (since === undefined) end(EXIT_FAILED);
  });
}
