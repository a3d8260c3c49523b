import { writeFile } from 'node:fs/promises';
import { COMMITTED, currentText } from './declaration.schema.file.js';

await writeFile(COMMITTED, await currentText());
process.stdout.write('docs/silgi.schema.json is that of the code now.\n');
