// `npm run checks`: what can be said of the sources without running them, side by side. The exit code is 1
// where any of them fails.
import { spawn } from 'node:child_process';

const CHECKS = ['types', 'lint', 'format:check', 'boundaries'];

/** @returns {Promise<boolean>} whether it passed; what it said is printed in one piece */
function passes(name) {
  return new Promise((resolve) => {
    const check = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [check.stdout, check.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    check.on('close', (code) => {
      console.log(`${name}: ${code === 0 ? 'passed' : `FAILED (${code})`}\n${said}`.trimEnd());
      resolve(code === 0);
    });
  });
}

const passed = await Promise.all(CHECKS.map(passes));
process.exitCode = passed.every(Boolean) ? 0 : 1;
