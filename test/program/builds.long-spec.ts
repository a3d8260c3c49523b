import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readdir, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Checkout, wordIs } from './checkout.js';

jest.setTimeout(120_000);

const BUILDING = 'Building …\n';

let checkout: Checkout;

beforeEach(async () => {
  checkout = await Checkout.make();
});
afterEach(async () => {
  await checkout.remove();
});

/** The one build that there is. */
async function onlyBuild(): Promise<string> {
  const builds = await checkout.builds();
  expect(builds).toHaveLength(1);
  return builds[0] ?? '';
}

describe('a command in a checkout', () => {
  it('builds at the first time, and nothing as long as nothing has changed', async () => {
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: BUILDING });
    const build = await onlyBuild();
    await utimes(join(checkout.path, 'src/word.ts'), new Date(), new Date());
    await checkout.write('src/word.spec.ts', 'a spec is no part of the build');
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
    expect(await onlyBuild()).toBe(build);
  });

  it('runs the new code where a source was edited, even if its time and size stayed the same', async () => {
    const source = join(checkout.path, 'src/word.ts');
    const old = new Date('2001-01-01');
    await utimes(source, old, old);
    await checkout.run();
    const build = await onlyBuild();
    await writeFile(source, wordIs('two'));
    await utimes(source, old, old);
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'two\n', stderr: BUILDING });
    expect(await onlyBuild()).not.toBe(build);
  });

  it('runs the new code where a source is edited while it is compiled, and keeps it under no other name', async () => {
    await checkout.run();
    const build = await onlyBuild();
    await rm(build, { recursive: true });
    // Somebody else runs the build of the old name: what was put there would stay.
    await checkout.write(`dist/.in-use/${basename(build)}.${process.pid}`, '');
    const command = checkout.start();
    await checkout.isBuilding();
    await checkout.write('src/word.ts', wordIs('two'));
    expect(await command.ended).toMatchObject({ code: 0, stdout: 'two\n' });
    await checkout.write('src/word.ts', wordIs('one'));
    expect(await checkout.run()).toMatchObject({ code: 0, stdout: 'one\n' });
  });

  it.each<[string, (build: string) => Promise<void>]>([
    ['lacks a file', (build) => unlink(join(build, 'word.js'))],
    ['has a file that was cut short', (build) => truncate(join(build, 'word.js'), 5)],
    ['has a file of other words', (build) => writeFile(join(build, 'word.js'), "export const word = 'odd';")],
    ['has a file too many', (build) => writeFile(join(build, 'more.js'), '')],
    ['was never completed', (build) => unlink(join(build, '.sealed'))],
  ])('builds again instead of running a build that %s', async (_, damage) => {
    await checkout.run();
    await damage(await onlyBuild());
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: BUILDING });
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
    expect(await checkout.leftovers()).toEqual([]);
  });

  it('builds anew after a build that was killed, and clears away what that has left', async () => {
    const killed = checkout.start();
    await checkout.isBuilding();
    killed.kill();
    expect(await killed.ended).toMatchObject({ code: null, stdout: '' });
    expect(await checkout.builds()).toEqual([]);
    expect(await checkout.leftovers()).toContain('.building');
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: BUILDING });
    expect(await checkout.leftovers()).toEqual([]);
  });

  it('leaves nothing half-made when it is told to stop while it builds', async () => {
    const command = checkout.start();
    await checkout.isBuilding();
    await command.says(BUILDING);
    command.child.kill('SIGTERM');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
    expect(stderr).toBe(`${BUILDING}Silgi could not be built, and nothing was run: interrupted.\n`);
    expect([...(await checkout.builds()), ...(await checkout.leftovers())]).toEqual([]);
  });

  it('runs nothing where the sources do not compile, and says why in one line with the compiler’s own words', async () => {
    await checkout.run();
    const build = await onlyBuild();
    await checkout.write('src/word.ts', 'export const word: string = 1;\n');
    const { code, stdout, stderr } = await checkout.run();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.slice(BUILDING.length)).toMatch(
      /^Silgi could not be built, and nothing was run: src\/word\.ts\(1,14\): error TS2322: [^\n]+\n$/,
    );
    expect([await onlyBuild(), ...(await checkout.leftovers())]).toEqual([build]);
    await checkout.write('src/word.ts', wordIs('one'));
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
  });

  it('says how to get the compiler where none is installed', async () => {
    await rm(join(checkout.path, 'node_modules'));
    const { code, stdout, stderr } = await checkout.run();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/nothing was run: TypeScript is not installed here\. `npm ci` installs it\.\n$/);
  });

  it('says in one line where it cannot build since it may not write', async () => {
    await checkout.write('dist', 'no folder');
    const { code, stdout, stderr } = await checkout.run();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^Silgi could not be built, and nothing was run: \S+dist\S*: [A-Z]+\.\n$/);
  });

  it('runs a build that is there where it may not write', async () => {
    await checkout.run();
    await rm(join(checkout.path, 'dist/.in-use'), { recursive: true });
    await checkout.write('dist/.in-use', 'no folder');
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
  });
});

describe('commands that start at once', () => {
  it('make one build, and all of them run it', async () => {
    const commands = await Promise.all([checkout.run(), checkout.run(), checkout.run()]);
    for (const { code, stdout } of commands) expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n' });
    expect(
      commands
        .map(({ stderr }) => stderr)
        .join('')
        .split(BUILDING),
    ).toHaveLength(2);
    await onlyBuild();
    expect(await checkout.leftovers()).toEqual([]);
  });

  it('wait for the one that builds', async () => {
    await checkout.write('dist/.building', String(process.pid));
    const command = checkout.start();
    await command.says('Another command is building; waiting for it …\n');
    expect(await checkout.builds()).toEqual([]);
    await unlink(join(checkout.path, 'dist/.building'));
    expect(await command.ended).toMatchObject({ code: 0, stdout: 'one\n' });
  });
});

describe('a service', () => {
  const LATER = `import { word } from './word.js';
process.stdout.write('started ' + word + '\\n');
process.stdin.once('data', async () => {
  process.stdout.write('later ' + (await import('./later.js')).later + '\\n');
  process.stdin.destroy();
});\n`;

  it('keeps its files while others build, and they go with the build after its end', async () => {
    await checkout.write('src/main.ts', LATER);
    await checkout.write('src/later.ts', "export const later: string = 'as it was';\n");
    const service = checkout.start('start');
    await service.says('started one');
    const itsBuild = await onlyBuild();
    await checkout.write('src/later.ts', "export const later: string = 'otherwise';\n");
    for (const word of ['two', 'six']) {
      await checkout.write('src/word.ts', wordIs(word));
      expect(await checkout.run()).toMatchObject({ code: 0, stdout: `${word}\n` });
    }
    // That of `two` is run by nobody.
    expect(await checkout.builds()).toHaveLength(2);
    service.child.stdin?.write('now\n');
    expect(await service.ended).toMatchObject({ code: 0, stdout: 'started one\nlater as it was\n' });
    expect(await checkout.builds()).toContain(itsBuild);
    await checkout.write('src/word.ts', wordIs('ten'));
    expect(await checkout.run()).toMatchObject({ code: 0, stdout: 'ten\n' });
    expect(await onlyBuild()).not.toBe(itsBuild);
    expect(await readdir(join(checkout.path, 'dist/.in-use'))).toEqual([]);
  });
});

describe('an installation without sources', () => {
  beforeEach(async () => {
    await checkout.run();
    await rm(join(checkout.path, 'src'), { recursive: true });
    await rm(join(checkout.path, 'node_modules'));
  });

  it('runs the build that it has', async () => {
    expect(await checkout.run()).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
  });

  it.each<[string, (build: string) => Promise<void>]>([
    ['that is damaged', (build) => truncate(join(build, 'word.js'), 5)],
    ['that was never completed', (build) => unlink(join(build, '.sealed'))],
  ])('does not run one %s', async (_, damage) => {
    await damage(await onlyBuild());
    const { code, stdout, stderr } = await checkout.run();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/nothing was run: there are no sources here.* Install it again\.\n$/);
  });
});
