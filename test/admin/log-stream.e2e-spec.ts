import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { builtScript } from '../support/product.build.js';

const LINES = 200;

describe('the log on standard output', () => {
  it('is written ten times a second or where 4 kB are full, and to the last line where the process exits at once', async () => {
    const { writes, text } = await saidBy(`
      const began = performance.now();
      const logger = serviceLogger('info');
      for (let n = 1; n <= ${LINES}; n++) {
        logger.info({ n }, 'line');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      logger.info({ ms: performance.now() - began }, 'the last');
      process.exit(0);`);
    const said = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n?: number; ms?: number });
    expect(said.map(({ n }) => n)).toEqual([
      ...Array.from({ length: LINES }, (_, index) => index + 1),
      undefined,
    ]);
    // However slow the machine is; and one more at the exit.
    expect(writes).toBeLessThanOrEqual((said.at(-1)?.ms ?? 0) / 100 + text.length / 4_096 + 1);
  });

  it('keeps what was said before an error ended the process', async () => {
    const { text } = await saidBy(`
      serviceLogger('info').info('before');
      throw new Error('It ends here');`);
    expect(text).toContain('"msg":"before"');
  });
});

/** What a process of its own wrote with the logger of the product, and in how many pieces it came. */
async function saidBy(script: string): Promise<{ writes: number; text: string }> {
  const logger = pathToFileURL(builtScript('telemetry/service.logger.ts')).href;
  const whole = `import { serviceLogger } from '${logger}';\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', whole], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pieces: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  await once(child, 'close');
  return { writes: pieces.length, text: pieces.join('') };
}
