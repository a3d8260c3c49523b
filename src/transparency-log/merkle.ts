import { createHash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962, section 2.1: SHA-256, 0x00 before a leaf, 0x01 before a node. Sizes and indexes are
 * whole numbers up to 2^53 - 1. Nothing here reads or writes anything.
 */

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root of a log without events (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Uint8Array = sha256();

/** Where the hash of a complete subtree stands: `index` counts the subtrees of 2^`level` leaves from the left. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

/** The leaves from `start` up to, and not with, `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Finds the hash of a complete subtree; level 0 are the leaves. */
export type NodeLookup = (place: NodePlace) => Uint8Array;

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The hash of a leaf with this data. */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(LEAF, data);
}

/** The hash of a node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}

/** The root over these leaf hashes, read off the definition. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/**
 * A tree that grows at its right edge and keeps nothing but the roots of its complete subtrees: at most 53 hashes,
 * however many leaves.
 */
export class GrowingTree {
  private leaves = 0;

  /** @param edge the complete subtrees of the first `size` leaves, largest first, as {@link edgeOf} lists them */
  constructor(
    size = 0,
    private readonly edge: Uint8Array[] = [],
  ) {
    this.leaves = size;
  }

  get size(): number {
    return this.leaves;
  }

  /** Appends a leaf. @returns the nodes of level 1 and above that are complete from now on, lowest first */
  append(leaf: Uint8Array): (NodePlace & { readonly hash: Uint8Array })[] {
    const completed: (NodePlace & { hash: Uint8Array })[] = [];
    let hash = leaf;
    let index = this.leaves;
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.edge.pop() ?? hash, hash);
      index = Math.floor(index / 2);
      completed.push({ level, index, hash });
    }
    this.edge.push(hash);
    this.leaves++;
    return completed;
  }

  root(): Uint8Array {
    return foldEdge(this.edge);
  }
}

/** Complete subtrees, largest first, folded from the right. */
function foldEdge(edge: readonly Uint8Array[]): Uint8Array {
  const smallest = edge.at(-1);
  if (smallest === undefined) return EMPTY_ROOT;
  return edge.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), smallest);
}

/** The complete subtrees that the first `size` leaves consist of, largest first. */
export function edgeOf(size: number): NodePlace[] {
  return placesOf({ start: 0, end: size });
}

function placesOf({ start, end }: Range): NodePlace[] {
  const places: NodePlace[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    places.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return places;
}

/** The largest power of two that is smaller than `size`, for a size of 2 and more. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** A proof before its hashes are looked up: each hash of it is folded from these complete subtrees. */
export type ProofPlan = readonly (readonly NodePlace[])[];

/**
 * What PATH(leafIndex, D[treeSize]) of RFC 6962, section 2.1.1, consists of.
 *
 * @throws RangeError where the tree has no such leaf
 */
export function inclusionPlan(leafIndex: number, treeSize: number): ProofPlan {
  if (!(isSize(leafIndex) && isSize(treeSize) && leafIndex < treeSize))
    throw new RangeError(`A tree of ${treeSize} leaves has no leaf ${leafIndex}.`);
  const ranges: Range[] = [];
  let [start, end] = [0, treeSize];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (leafIndex < middle) {
      ranges.unshift({ start: middle, end });
      end = middle;
    } else {
      ranges.unshift({ start, end: middle });
      start = middle;
    }
  }
  return ranges.map(placesOf);
}

/**
 * What PROOF(first, D[second]) of RFC 6962, section 2.1.2, consists of: nothing where both are the same, or where
 * the first is empty.
 *
 * @throws RangeError where the second tree is the smaller
 */
export function consistencyPlan(first: number, second: number): ProofPlan {
  if (!(isSize(first) && isSize(second) && first <= second))
    throw new RangeError(`A tree of ${second} leaves does not grow out of one of ${first}.`);
  if (first === 0 || first === second) return [];
  const ranges: Range[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + split(end - start);
    if (first <= middle) {
      ranges.unshift({ start: middle, end });
      end = middle;
    } else {
      ranges.unshift({ start, end: middle });
      start = middle;
    }
  }
  // Whoever has the first root knows this subtree, unless it is but a part of the first tree.
  if (start > 0) ranges.unshift({ start, end });
  return ranges.map(placesOf);
}

/** The proof of a plan. */
export function proofOf(plan: ProofPlan, lookup: NodeLookup): Uint8Array[] {
  return plan.map((places) => foldEdge(places.map(lookup)));
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * Whether a leaf is in a tree (RFC 9162, section 2.1.3.2).
 *
 * @param claim.proof as {@link proofOf} an {@link inclusionPlan} gives it
 */
export function verifyInclusion(claim: {
  readonly leafHash: Uint8Array;
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}): boolean {
  const { leafIndex, treeSize, proof, root } = claim;
  if (!isSize(leafIndex) || !isSize(treeSize) || leafIndex >= treeSize) return false;
  let place: Climb = { node: leafIndex, last: treeSize - 1 };
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (place.last === 0) return false;
    const fromLeft = comesFromLeft(place);
    hash = fromLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    place = climb(place, fromLeft);
  }
  return place.last === 0 && same(hash, root);
}

/**
 * Whether the second tree is the first with leaves appended to it and nothing changed (RFC 9162, section 2.1.4.2).
 *
 * @param claim.proof as {@link proofOf} a {@link consistencyPlan} gives it
 */
export function verifyConsistency(claim: {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim;
  if (!isSize(first) || !isSize(second) || first > second) return false;
  if (first === second) return proof.length === 0 && same(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0 && same(firstRoot, EMPTY_ROOT);

  const isComplete = first === split(first + 1);
  const [seed, ...siblings] = isComplete ? [firstRoot, ...proof] : proof;
  if (seed === undefined) return false;
  let place: Climb = { node: first - 1, last: second - 1 };
  while (place.node % 2 === 1) place = up(place);
  let [old, grown] = [seed, seed];
  for (const sibling of siblings) {
    if (place.last === 0) return false;
    const fromLeft = comesFromLeft(place);
    if (fromLeft) old = nodeHash(sibling, old);
    grown = fromLeft ? nodeHash(sibling, grown) : nodeHash(grown, sibling);
    place = climb(place, fromLeft);
  }
  return place.last === 0 && same(old, firstRoot) && same(grown, secondRoot);
}

/** A node on the way up, and the last node of its level: `fn` and `sn` of RFC 9162. */
interface Climb {
  readonly node: number;
  readonly last: number;
}

function comesFromLeft({ node, last }: Climb): boolean {
  return node % 2 === 1 || node === last;
}

/** One level up; past the levels on which the last node has no sibling. */
function climb(place: Climb, fromLeft: boolean): Climb {
  let at = place;
  while (fromLeft && at.node % 2 === 0 && at.node !== 0) at = up(at);
  return up(at);
}

function up({ node, last }: Climb): Climb {
  return { node: Math.floor(node / 2), last: Math.floor(last / 2) };
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
