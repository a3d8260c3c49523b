import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { COMMITTED, currentDocument, textOf } from './document.js';

await writeFile(COMMITTED, await textOf(await currentDocument()));
process.stdout.write('docs/openapi.json is that of the code now.\n');
