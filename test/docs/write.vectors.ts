import { writeFile } from 'node:fs/promises';
import { vectorFiles } from './vectors.js';

for (const [name, text] of Object.entries(vectorFiles()))
  await writeFile(new URL(`../../docs/vectors/${name}`, import.meta.url), text);
