/** jest's globalTeardown of the e2e project; it runs in the process of the set-up. */
export default async function tearDown() {
  await globalThis.silgiTestCluster?.end();
}
