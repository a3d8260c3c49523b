import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sbom } from './sbom.js';

/** `npm run sbom [-- FILE]` */
const file = resolve(process.argv[2] ?? 'sbom.cdx.json');
const { components } = await sbom().then((bom) => {
  writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`);
  return bom;
});
console.log(`${components.length} packages in ${file}`);
