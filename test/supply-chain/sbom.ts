import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { licenceOf } from './licences.js';
import { idOf, PRODUCTION, ROOT } from './production.packages.js';

/** What we use of CycloneDX 1.5. */
export interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: { name: string; version: string; 'bom-ref': string } };
  components: Component[];
  dependencies: { readonly ref: string; dependsOn: string[] }[];
}
export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly scope: string;
  readonly hashes?: { readonly alg: string; readonly content: string }[];
  licenses?: { readonly license: { id?: string; name?: string } }[];
}

const OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * The software bill of materials of what is installed, without packages of development.
 *
 * `npm sbom --omit dev` leaves out every package that a package of development needs too, Nest and Express among
 * them (seen with npm 11.19): so npm lists everything, and the lock file says what is ours.
 */
export async function sbom(): Promise<Sbom> {
  const npm = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { stdout } = await promisify(execFile)('npm', npm, { cwd: ROOT, maxBuffer: OUTPUT_LIMIT });
  const whole = JSON.parse(stdout) as Sbom;
  const ours = new Map(PRODUCTION.map((one) => [idOf(one), one]));
  const root = whole.metadata.component;
  // npm names it after the folder that it is in.
  root.name = 'silgi';
  whole.components = whole.components.filter((component) => ours.has(idOf(component)));
  for (const component of whole.components) {
    const locked = ours.get(idOf(component));
    const id = locked && licenceOf(locked);
    if (id !== undefined) component.licenses = [{ license: { id } }];
  }
  const refs = new Set([
    'bom-ref' in root ? root['bom-ref'] : '',
    ...whole.components.map((one) => one['bom-ref']),
  ]);
  whole.dependencies = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
  return whole;
}
