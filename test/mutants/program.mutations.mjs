/** Wrong versions of how the program is built and run. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const PROGRAM_MUTATIONS = [
  {
    name: 'a damaged build is run',
    file: 'bin/digest.mjs',
    edits: [
      [
        "readFileSync(join(build, SEAL), 'utf8') === digestOfContents(build)",
        'existsSync(join(build, SEAL))',
      ],
    ],
    suites: 'program/builds',
  },
  {
    name: 'a build of sources that changed while they were compiled is run',
    file: 'bin/build.mjs',
    edits: [['    if (digestOfSources(root) !== digest) return;\n', '']],
    suites: 'program/builds',
  },
  {
    name: 'a build is removed under the service that runs it',
    file: 'bin/dist.folder.mjs',
    edits: [['[IN_USE, LOCK, digest, ...used]', '[IN_USE, LOCK, digest]']],
    suites: 'program/builds',
  },
  {
    name: 'commands that start at once all build',
    file: 'bin/dist.folder.mjs',
    edits: [['if (isOverdue || !isHeld(lock)) rmSync', 'rmSync']],
    suites: 'program/builds',
  },
  {
    name: 'a reader that closes the pipe ends the command',
    file: 'bin/launch.mjs',
    edits: [["code === 'EPIPE' || ", '']],
    suites: 'program/output',
  },
];
