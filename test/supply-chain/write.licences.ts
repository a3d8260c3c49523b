import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesDocument } from './licences.js';
import { ROOT } from './production.packages.js';

/** `npm run licences` */
writeFileSync(join(ROOT, 'docs/licences.md'), licencesDocument());
