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

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.data/', 'test/fixtures/'] },
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
      'no-restricted-syntax': ['error', transactionBans[1]],
    },
  },
  {
    files: ['src/{orchestrator,protocol,catalogue,shards}/**', 'src/{patient,clinical,finance,audit,common}/**'],
    rules: { 'no-restricted-syntax': ['error', ...transactionBans] },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
