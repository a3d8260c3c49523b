const shared = {
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
      },
    ],
  },
};

/** What needs a server: it starts one of its own. */
const withServer = {
  ...shared,
  globalSetup: '<rootDir>/test/support/cluster.setup.mjs',
  globalTeardown: '<rootDir>/test/support/cluster.teardown.mjs',
};

/** @type {import('jest').Config} */
export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'] },
    { ...withServer, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
    // Whole processes and large loads, minutes of them: `npm run test:long`, before a release.
    { ...withServer, displayName: 'long', testMatch: ['<rootDir>/test/**/*.long-spec.ts'] },
    // PostgreSQL as Debian ships it: `npm run test:stock`, which starts it.
    { ...withServer, displayName: 'stock', testMatch: ['<rootDir>/test/**/*.stock-spec.ts'] },
  ],
  // For a hanging test: what waits says before then what it has waited for, also on a busy machine.
  testTimeout: 120_000,
  // Every e2e worker keeps several sessions open on one server, and most of them wait for it.
  maxWorkers: 3,
  // A worker that has loaded eighty suites takes more than the usual half second to leave; one that hangs, for ever.
  workerGracefulExitTimeout: 10_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/{orchestrator,protocol,catalogue}/**/*.ts', '!**/index.ts', '!**/*.spec.ts'],
  coverageThreshold: {
    './src/orchestrator/': { lines: 100, branches: 100 },
    './src/protocol/': { lines: 100, branches: 100 },
    './src/catalogue/catalogue.guard.ts': { lines: 100, branches: 100 },
  },
};
