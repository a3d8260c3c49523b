// jest loads a global set-up as CommonJS unless it is an .mjs file, and without its own module mapping: the
// loader that the TypeORM command line uses lets it import TypeScript in ESM.
import '@swc-node/register/esm-register';

const { TestCluster } = await import('./cluster.js');

/** jest's globalSetup of the e2e project. */
export default async function setUp() {
  globalThis.silgiTestCluster = await TestCluster.start();
}
