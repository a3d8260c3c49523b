const shared = {
  testEnvironment: 'node',
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

/** @type {import('jest').Config} */
export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/cluster.setup.mjs',
      globalTeardown: '<rootDir>/test/support/cluster.teardown.mjs',
    },
  ],
  testTimeout: 30_000,
  // Every e2e worker keeps several sessions open on one server, and most of them wait for it.
  maxWorkers: 3,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/orchestrator/**/*.ts', '!**/index.ts', '!**/*.spec.ts'],
  coverageThreshold: { './src/orchestrator/': { lines: 100, branches: 100 } },
};
