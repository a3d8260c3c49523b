import { describe, expect, it } from '@jest/globals';
import { RFC9162 as other } from '@transmute/rfc9162';
import { edgeOf, GrowingTree } from '../../src/transparency-log/merkle.js';
import {
  consistencyPlan,
  inclusionPlan,
  leafHash,
  nodeHash,
  proofOf,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/transparency-log/index.js';

// `other` is an implementation of RFC 9162 by others, from the package registry.

const SIZES = Array.from({ length: 130 }, (_, index) => index + 1);
const data = SIZES.map((index) => Buffer.from(`event ${index}`));
const leaves = data.map(leafHash);
const roots = [rootOf([]), ...SIZES.map((size) => rootOf(leaves.slice(0, size)))];
const root = (size: number) => roots[size] ?? Buffer.of();
const leaf = (index: number) => leaves[index] ?? Buffer.of();

/** Every complete subtree of the largest tree, as the database keeps them. */
const stored = new Map<string, Uint8Array>();
const tree = new GrowingTree();
for (const [index, hash] of leaves.entries()) {
  stored.set(`0/${index}`, hash);
  for (const node of tree.append(hash)) stored.set(`${node.level}/${node.index}`, node.hash);
}
const lookup = ({ level, index }: { level: number; index: number }) => {
  const hash = stored.get(`${level}/${index}`);
  if (hash === undefined) throw new Error(`No node ${level}/${index} was stored.`);
  return hash;
};
const inclusion = (index: number, size: number) => proofOf(inclusionPlan(index, size), lookup);
const consistency = (first: number, second: number) => proofOf(consistencyPlan(first, second), lookup);
const isPowerOfTwo = (size: number) => Number.isInteger(Math.log2(size));

describe('the Merkle tree', () => {
  it('has the roots that another implementation computes, for 1 to 130 leaves', async () => {
    for (const size of SIZES)
      expect(await other.treeHead(data.slice(0, size))).toEqual(Uint8Array.from(root(size)));
  });

  it('has the root of RFC 6962 where it is empty', () => {
    expect(Buffer.from(root(0)).toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('grows from the edge of any of its sizes', () => {
    for (const size of SIZES) {
      const grown = new GrowingTree(size, edgeOf(size).map(lookup));
      expect(grown.root()).toEqual(root(size));
      for (const hash of leaves.slice(size)) grown.append(hash);
      expect(grown.root()).toEqual(root(130));
    }
  });
});

describe('a proof of inclusion', () => {
  it('of every leaf in every size is accepted by both implementations', async () => {
    for (const size of SIZES) {
      for (let index = 0; index < size; index++) {
        const proof = inclusion(index, size);
        const claim = { leafHash: leaf(index), leafIndex: index, treeSize: size, proof, root: root(size) };
        if (!verifyInclusion(claim)) throw new Error(`Leaf ${index} of ${size} is refused here.`);
        const theirs = { log_id: '', tree_size: size, leaf_index: index, inclusion_path: proof };
        if (!(await other.verifyInclusionProof(root(size), leaf(index), theirs)))
          throw new Error(`Leaf ${index} of ${size} is refused there.`);
      }
    }
  });

  it('of the other implementation is accepted here', async () => {
    for (const size of [1, 2, 3, 7, 8, 9, 31, 33, 64, 130]) {
      for (const index of new Set([0, 1, size >> 1, size - 1].filter((one) => one < size))) {
        const entry = data[index] ?? Buffer.of();
        const { inclusion_path: proof } = await other.inclusionProof(entry, data.slice(0, size));
        const claim = { leafHash: leaf(index), leafIndex: index, treeSize: size, proof, root: root(size) };
        expect({ size, index, accepted: verifyInclusion(claim) }).toEqual({ size, index, accepted: true });
      }
    }
  });

  it('is refused for another leaf, place, size, root, and with a hash more, less or changed', () => {
    const good = { leafHash: leaf(5), leafIndex: 5, treeSize: 13, proof: inclusion(5, 13), root: root(13) };
    expect(verifyInclusion(good)).toBe(true);
    const [first = Buffer.of(), ...rest] = good.proof;
    const bad: Partial<typeof good>[] = [
      { leafHash: leaf(6) },
      ...[0, 4, 6, 12, 13, -1, 1.5, NaN].map((leafIndex) => ({ leafIndex })),
      // Not 9 to 16, whose trees have the same shape over this leaf: the size is what a checkpoint signs.
      ...[0, 5, 6, 8, 17, Infinity].map((treeSize) => ({ treeSize })),
      { root: root(12) },
      { root: Buffer.of() },
      { proof: rest },
      { proof: [] },
      { proof: [...good.proof, first] },
      { proof: [nodeHash(first, first), ...rest] },
    ];
    for (const change of bad)
      expect({ change, ok: verifyInclusion({ ...good, ...change }) }).toEqual({ change, ok: false });
  });

  it('is refused for a place beyond the tree, also where the tree is one leaf and needs no proof', () => {
    const only = { leafHash: leaf(0), treeSize: 1, proof: [], root: root(1) };
    expect(verifyInclusion({ ...only, leafIndex: 0 })).toBe(true);
    for (const leafIndex of [1, 2, 7]) expect(verifyInclusion({ ...only, leafIndex })).toBe(false);
  });

  it('is not made of a leaf that is not there', () => {
    expect(() => inclusionPlan(3, 3)).toThrow(RangeError);
    expect(() => inclusionPlan(-1, 3)).toThrow(RangeError);
  });
});

describe('a proof of consistency', () => {
  const claim = (first: number, second: number, proof: readonly Uint8Array[]) => ({
    first,
    second,
    firstRoot: root(first),
    secondRoot: root(second),
    proof,
  });

  it('between any two sizes is accepted by both implementations', async () => {
    for (const second of SIZES) {
      for (let first = 1; first <= second; first++) {
        const proof = consistency(first, second);
        if (!verifyConsistency(claim(first, second, proof)))
          throw new Error(`${first} to ${second} is refused here.`);
        // It expects the first root at the head of every proof, where RFC 9162 leaves it out if it is a whole subtree.
        if (first === second || second % 5 !== 0) continue;
        const path = isPowerOfTwo(first) ? [root(first), ...proof] : proof;
        const theirs = { log_id: '', tree_size_1: first, tree_size_2: second, consistency_path: path };
        if (!(await other.verifyConsistencyProof(root(first), root(second), theirs)))
          throw new Error(`${first} to ${second} is refused there.`);
      }
    }
  });

  it('of the other implementation is accepted here', async () => {
    for (const [first, second] of [
      [1, 2],
      [2, 3],
      [3, 4],
      [6, 7],
      [7, 13],
      [8, 13],
      [64, 65],
      [65, 130],
      [128, 130],
    ] as const) {
      const before = await other.inclusionProof(data[0] ?? Buffer.of(), data.slice(0, first));
      const { consistency_path: path } = await other.consistencyProof(before, data.slice(0, second));
      const proof = isPowerOfTwo(first) ? path.slice(1) : path;
      expect({ first, second, ok: verifyConsistency(claim(first, second, proof)) }).toMatchObject({
        ok: true,
      });
    }
  });

  it('is refused for other sizes, other roots, and with a hash more, less or changed', () => {
    const good = claim(6, 13, consistency(6, 13));
    expect(verifyConsistency(good)).toBe(true);
    const [head = Buffer.of(), ...rest] = good.proof;
    const bad: Partial<typeof good>[] = [
      ...[0, 5, 7, 8, 13, 14, -1].map((first) => ({ first })),
      ...[6, 7, 8, 32, Infinity].map((second) => ({ second })),
      { firstRoot: root(7) },
      { secondRoot: root(12) },
      { proof: rest },
      { proof: [] },
      { proof: [...good.proof, head] },
      { proof: [nodeHash(head, head), ...rest] },
    ];
    for (const change of bad)
      expect({ change, ok: verifyConsistency({ ...good, ...change }) }).toEqual({ change, ok: false });
  });

  it('from nothing, and to the same size, needs no hash and takes none', () => {
    expect(verifyConsistency(claim(0, 5, consistency(0, 5)))).toBe(true);
    expect(verifyConsistency(claim(5, 5, consistency(5, 5)))).toBe(true);
    expect(verifyConsistency({ ...claim(0, 5, []), firstRoot: root(1) })).toBe(false);
    expect(verifyConsistency({ ...claim(5, 5, []), firstRoot: root(4) })).toBe(false);
    expect(verifyConsistency(claim(0, 5, [leaf(0)]))).toBe(false);
    expect(() => consistencyPlan(6, 5)).toThrow(RangeError);
  });

  it('is refused from a greater size to a smaller one, be both roots the same', () => {
    expect(verifyConsistency({ ...claim(2, 1, []), firstRoot: root(1) })).toBe(false);
  });
});
