import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCommand } from '../../src/cli/import.command.js';
import { ROOT } from '../docs/evidence.js';

it('the help of import and README name the versions of Synthea that are read', () => {
  let help = '';
  const command = importCommand().configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  for (const text of [help, readFileSync(join(ROOT, 'README.md'), 'utf8')])
    expect(text).toContain('Synthea 1, 2 and 3');
});
