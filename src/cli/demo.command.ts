import { Command } from 'commander';

const HELP = `
Starts a PostgreSQL of its own in a temporary folder, loads invented patients, and plays preview, failures, vetoes,
the deletion and its proofs. DATABASE_URL and DATA_DIR are not read: no data of yours is touched. Everything it has
made is removed in the end, also on Ctrl-C.

Exit code: 0, every claim was proved; 1, one was not, or the demo failed; 130, interrupted.`;

/** `demo`: tells the main job in the terminal, with a proof for every claim. */
export function demoCommand(): Command {
  return new Command('demo').addHelpText('after', HELP).action(async () => {
    const { playDemo } = await import('./demo/index.js');
    if (!(await playDemo(process.stdout))) process.exitCode = 1;
  });
}
