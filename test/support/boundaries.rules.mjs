import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The rules of docs/architecture.md as data: who may import whom, and which names stand only in one place. */

const SHARD = '^src/(patient|clinical|finance|audit)/';

/** What the import graph has to hold to; `$1` is the folder that the importing side's pattern captured. */
const GRAPH_RULES = [
  {
    name: 'shards-never-meet',
    from: { path: SHARD },
    to: { path: SHARD, pathNot: '^src/$1/' },
  },
  {
    name: 'shards-behind-the-orchestrator',
    from: {
      path: '^src/',
      pathNot: [
        SHARD,
        '^src/(orchestrator|admin|cli|demo|audit-log|certificate)/',
        '^src/(app|service)\\.module\\.ts$',
      ],
    },
    to: { path: SHARD },
  },
  {
    name: 'demo-data-over-the-orchestrator',
    // A spec may load the shards whose tables it checks against.
    from: { path: '^src/demo/', pathNot: '\\.spec\\.ts$' },
    to: { path: '^src/', pathNot: '^src/(demo|common|orchestrator|patient)/' },
  },
  {
    name: 'sign-in-knows-no-feature',
    from: { path: '^src/auth/' },
    to: { path: '^src/', pathNot: '^src/(auth|config|common)/' },
  },
  {
    name: 'ground-knows-no-feature',
    from: { path: '^src/(common|config)/' },
    to: { path: '^src/', pathNot: '^src/(common|config)/' },
  },
  { name: 'no-cycles', from: {}, to: { circular: true } },
  // A path that leads nowhere would hide an import from every rule above.
  { name: 'every-path-resolves', from: {}, to: { path: '^\\.', couldNotResolve: true } },
];

/**
 * The rules of the import graph for one source tree. Every folder directly below `src`, and every folder with an
 * `index.ts`, is a house with one door.
 *
 * @param root absolute path of the folder that holds `src`
 */
export function graphRules(root) {
  const doors = foldersWithADoor(join(root, 'src')).flatMap((name) => {
    const folder = `src/${name}`;
    return [
      {
        name: 'through-the-index',
        from: { pathNot: `^${folder}/` },
        to: { path: `^${folder}/`, pathNot: `^${folder}/index\\.ts$` },
      },
      {
        name: 'never-the-own-index',
        from: { path: `^${folder}/`, pathNot: `^${folder}/index\\.ts$` },
        to: { path: `^${folder}/index\\.ts$` },
      },
    ];
  });
  return [...GRAPH_RULES, ...doors].map((rule) => ({ ...rule, severity: 'error' }));
}

function foldersWithADoor(src) {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => relative(src, join(parentPath, name)))
    .filter((folder) => dirname(folder) === '.' || existsSync(join(src, folder, 'index.ts')));
}

/** What the text of a file has to hold to, where the import graph cannot tell: eslint rules, by name and place. */
export const TEXT_RULES = [
  {
    name: 'transactions-in-one-file',
    files: ['src/**/*.ts'],
    ignores: [
      'src/orchestrator/transaction.ts',
      'src/database/**',
      'src/config/**',
      // Runs statements on the connection of a transaction that is open; it can neither begin nor end one.
      'src/common/table.statements.ts',
    ],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector: 'Identifier[name=/^((Inject)?DataSource|QueryRunner|queryRunner|createQueryRunner)$/]',
      message,
    }),
  },
  {
    name: 'manager-comes-first',
    files: ['src/**/*.repository.ts'],
    ignores: [],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector:
        "MethodDefinition[kind='method'][accessibility!=/private|protected/]" +
        ":not([value.params.0.typeAnnotation.typeAnnotation.typeName.name='EntityManager'])",
      message,
    }),
  },
  {
    name: 'guests-only-read',
    files: ['src/{admin,cli,demo}/**/*.ts'],
    ignores: [],
    rule: 'no-restricted-imports',
    options: (message) => ({
      patterns: [
        {
          regex: '/(patient|clinical|finance|audit)/index\\.js$',
          importNamePattern: 'Repository$',
          message,
        },
      ],
    }),
  },
];
