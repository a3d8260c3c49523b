import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Statements of one transaction are awaited one by one (RELIABILITY rules 5 and 9). */
const transactionBans = [
  {
    selector:
      "CallExpression[callee.object.name='Promise'][callee.property.name=/^(all|allSettled|any|race)$/]",
    message: 'Statements of one transaction are awaited one by one: no Promise combinators here.',
  },
  {
    selector: "VariableDeclaration[kind='await using']",
    message: '`await using` on a QueryRunner commits when the body throws.',
  },
];

/** What holds everywhere. */
const bans = [
  transactionBans[1],
  {
    selector: 'ObjectExpression > SpreadElement > ObjectExpression',
    message:
      'A spread of a literal switches off the compiler’s check for misspelt properties: write them out.',
  },
  {
    selector: "MethodDefinition[kind='constructor'] > FunctionExpression[params.length>6]",
    message: 'At most six dependencies: a class with more has more than one reason to change.',
  },
];

export default tseslint.config(
  // An example is compiled by its own test, against the package.
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.data/', 'test/fixtures/', 'examples/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', ...bans],
      // What must keep its lines stands in .prettierignore, with the reason.
      'no-warning-comments': ['error', { terms: ['prettier-ignore'], location: 'anywhere' }],
    },
  },
  {
    files: [
      'src/{orchestrator,protocol,catalogue,shards}/**',
      'src/{patient,clinical,finance,audit,common}/**',
    ],
    rules: { 'no-restricted-syntax': ['error', ...bans, transactionBans[0]] },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
