import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Checkout, Command } from './checkout.js';

jest.setTimeout(120_000);

/** Says far more than a pipe holds, and then that something was found. */
const CHATTY = `import './cli/main.js';\n`;
const MAIN = `for (let line = 0; line < 20_000; line++) {
  process.stdout.write('a line of the result\\n');
  process.stderr.write('how far it has come\\n');
}
process.exitCode = 4;\n`;

let checkout: Checkout;

beforeEach(async () => {
  checkout = await Checkout.make({ 'src/cli/main.ts': MAIN, 'src/main.ts': CHATTY });
});
afterEach(async () => {
  await checkout.remove();
});

describe('a command of whose output nobody reads on', () => {
  it.each(['stdout', 'stderr'] as const)(
    'does its work to the end, and its exit code says how it went, where %s is closed',
    async (name) => {
      for (const program of ['silgi', 'start']) {
        const command = checkout.start(program);
        command.child[name]?.once('data', () => {
          command.child[name]?.destroy();
        });
        const { code, stdout, stderr } = await command.ended;
        expect(code).toBe(4);
        expect(stdout + stderr).not.toMatch(/EPIPE|Error/);
      }
    },
  );

  it('fails in one line where its result cannot be written', async () => {
    await checkout.write('src/cli/main.ts', "process.stdout.write('the result\\n');\n");
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await new Command(join(checkout.path, 'bin/silgi.mjs'), full).ended;
    closeSync(full);
    expect(code).toBe(1);
    expect(stderr).toBe('Building …\nThe output could not be written (ENOSPC).\n');
  });
});
