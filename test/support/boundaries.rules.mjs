import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The rules of docs/architecture.md as data: who may import whom, and which names stand only in one place. */

const SHARD = '^src/(patient|clinical|finance|audit)/';

const ACTIONS = 'orchestrator';
/** Rooms that an action may be built of, and that know none. */
const GROUND = '(common|config)';

/** A folder imports these folders of `src` and no other. A spec may load what it is about. */
const sees = (name, folder, ...folders) => ({
  name,
  from: { path: `^src/${folder}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${[folder.replace(/[()]/g, ''), ...folders].join('|')})/` },
});

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
        '\\.spec\\.ts$',
        `^src/(${ACTIONS}|admin|batch|cli|demo|transparency-log|certificate|letter|service|library)/`,
        '^src/app\\.module\\.ts$',
      ],
    },
    to: { path: SHARD },
  },
  sees('ground-knows-no-feature', GROUND),
  sees('postgres-knows-no-feature', 'postgres', 'common', 'config', 'embedded-postgres'),
  sees('a-shard-knows-no-action', '(patient|clinical|finance|audit|shards)', 'common', 'postgres'),
  sees('protocol-knows-no-action', 'protocol', 'common', 'postgres', 'shards'),
  sees('the-catalogue-knows-no-action', 'catalogue', 'common', 'postgres', 'shards'),
  sees('demo-data-over-the-orchestrator', 'demo', 'common', 'orchestrator', 'patient', 'shards'),
  sees('a-declaration-knows-no-database', 'declaration', 'common', 'yaml'),
  sees('yaml-knows-no-feature', 'yaml', 'common'),
  sees('a-retention-policy-knows-no-action', 'retention', 'common', 'config', 'shards', 'yaml'),
  sees('adoption-knows-no-action', 'adoption', 'common', 'config', 'declaration', 'postgres', 'shards'),
  sees('sign-in-knows-no-feature', 'auth', 'config', 'common'),
  // The face of the package: whatever it shows, nothing of the product rests on it.
  { name: 'nothing-rests-on-the-library', from: { pathNot: '^src/library/' }, to: { path: '^src/library/' } },
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
    // A transaction on patients' rows is begun by the protocol alone; what Silgi keeps of its own asks postgres for one.
    name: 'transactions-in-their-rooms',
    files: ['src/**/*.ts'],
    ignores: ['src/{protocol,postgres,config}/**'],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector:
        ':matches(Identifier[name=/^((Inject)?DataSource|QueryRunner|queryRunner|createQueryRunner|dataSource)$/], ' +
        "CallExpression[callee.property.name='transaction'])",
      message,
    }),
  },
  {
    // What only `pg` itself should know of its clients and connections (docs/adr/0014-shared-trips.md).
    name: 'the-driver-in-one-room',
    files: ['src/**/*.ts'],
    ignores: ['src/postgres/pipeline/**'],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector:
        ':matches(Identifier[name=/^(getTransactionStatus|readyForQuery|activeQuery|_activeQuery|queryQueue|Submittable|' +
        "handleRowDescription|handleDataRow|handleCommandComplete|handleReadyForQuery)$/], MemberExpression[property.name='processID'])",
      message,
    }),
  },
  {
    // docs/adr: one writer of SQL on patient-owned tables.
    name: 'patient-tables-in-one-room',
    files: ['src/**/*.ts'],
    ignores: [
      'src/shards/**',
      'src/postgres/migrations/**',
      'src/postgres/database.roles.ts',
      'src/postgres/role.policies.ts',
      'src/postgres/row.policies.ts',
      // Makes the table of pseudonyms, as a migration would.
      'src/adoption/plan.ts',
      '**/*.spec.ts',
      // Looks on from outside, as an administrator would with psql: it must not believe the product's own words.
      'src/cli/demo/**',
      // The name of a column in a list of patients, which is no table.
      'src/batch/csv.list.ts',
      'src/cli/delete-batch.command.ts',
    ],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector:
        ':matches(Literal[value=/\\b(patient_id|is_deleted|sharded_patient_demographics)\\b/], ' +
        'TemplateElement[value.raw=/\\b(patient_id|is_deleted|sharded_patient_demographics)\\b|' +
        '\\b(AND|WHERE|NOT|OR|SET) (\\w+\\.)?live\\b|\\blive IS\\b/])',
      message,
    }),
  },
  {
    // In another application the process is that one's: its signals, its end, its logger (docs/adr/0032-as-a-library.md).
    name: 'the-process-is-the-programs',
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/main.ts', 'src/service/{process-end,service}.ts'],
    rule: 'no-restricted-syntax',
    options: (message) => ({
      selector:
        ":matches(MemberExpression[object.name='process'][property.name=/^(on|once|exit|abort|exitCode)$/], " +
        "MemberExpression[property.name='overrideLogger'])",
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
    files: ['src/{admin,batch,cli,demo,library}/**/*.ts'],
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
