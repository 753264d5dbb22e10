// The Merkle tree of RFC 9162 2.1: inclusion, and one proof for many entries (specs/log.md sections 1, 2 and 4).
//
// Indices and sizes are BigInt. As ledger/proof/merkle.py and multiproof.py.

import { concat, equal, hex, sha256, unhex } from "./bytes.js";
import { require } from "./fault.js";
import { BUNDLE_STATEMENTS, TREE_SIZE_MAX } from "./limits.js";

/** SHA-256 of nothing: the root of the tree without entries. */
export const EMPTY_ROOT = unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(concat(LEAF, entry));
const nodeHash = (left, right) => sha256(concat(NODE, left, right));

/** The root that the tree of `size` has if `leaf` is at `index` and `path` is right: RFC 9162 2.1.3.2. */
export async function rootFromInclusion(leaf, index, size, path) {
  malformed(size >= 0n && size <= TREE_SIZE_MAX, `${size} is not a tree size`, "0 to 2^63 - 1");
  malformed(index >= 0n && index < size, `no entry ${index} in a tree of size ${size}`, "an index below the size");
  requireHashes([leaf], 1, "the leaf");
  requireHashes(path, pathLength(index, size), `the path of entry ${index} at size ${size}`);
  let [fn, sn] = [index, size - 1n]; // the places of this node and of the last one on the present level, as in the RFC
  let root = leaf;
  for (const sibling of path) {
    if (fn & 1n || fn === sn) {
      root = await nodeHash(sibling, root);
      while (!(fn & 1n) && fn) [fn, sn] = [fn >> 1n, sn >> 1n]; // levels on which this ragged node has no sibling
    } else root = await nodeHash(root, sibling);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return root;
}

/** Check that the tree of `size` with `root` has `leaf` at `index`. Throws `malformed-proof`, `proof-invalid`. */
export async function checkInclusion(leaf, index, size, path, root) {
  const computed = await rootFromInclusion(leaf, index, size, path);
  requireRoot(computed, root, `the inclusion proof of entry ${index} at size ${size}`);
}

/**
 * Check that the tree of `size` with `root` has all of `leaves`: `[index, leaf hash]`, strictly ascending.
 *
 * `hashes` are the roots of the maximal subtrees that contain none of them, from left to right. One pass from left to
 * right, keeping the right edge. Throws `malformed-proof`, `too-large`, `proof-invalid`.
 */
export async function checkMany(leaves, size, hashes, root) {
  requireIndices(leaves.map(([index]) => index), size);
  const gaps = gapsBetween(leaves.map(([index]) => index), size);
  const what = `the proof of ${leaves.length} entries at size ${size}`;
  requireHashes(hashes, gaps.reduce((count, gap) => count + gap.length, 0), what);
  requireHashes(leaves.map(([, leaf]) => leaf), leaves.length, what);
  const edge = new RightEdge();
  let taken = 0;
  for (const [place, gap] of gaps.entries()) {
    for (const width of gap) await edge.append(width, hashes[taken++]);
    if (place < leaves.length) await edge.append(1n, leaves[place][1]);
  }
  requireRoot(await edge.root(), root, what);
}

/** A growing tree reduced to the complete subtrees that tile it, largest first, and at last perhaps a ragged one. */
class RightEdge {
  constructor() {
    this.subtrees = [];
  }

  async append(width, hash) {
    while (this.subtrees.at(-1)?.width === width && isComplete(width)) {
      hash = await nodeHash(this.subtrees.pop().hash, hash);
      width *= 2n;
    }
    this.subtrees.push({ width, hash });
  }

  async root() {
    let root = this.subtrees.at(-1).hash;
    for (const { hash } of this.subtrees.slice(0, -1).reverse()) root = await nodeHash(hash, root);
    return root;
  }
}

const isComplete = (width) => (width & (width - 1n)) === 0n;

/** The widths of the subtrees before the first index, between each two, and after the last. */
function gapsBetween(indices, size) {
  const gaps = [before(indices[0], bits(indices[0]))];
  for (let at = 1; at < indices.length; at += 1) {
    const [left, right] = [indices[at - 1], indices[at]];
    const parting = bits(left ^ right) - 1n; // where the ways to the two part, both keep to the inside of that node
    gaps.push([...after(left, parting, size), ...before(right, parting)]);
  }
  gaps.push(after(indices.at(-1), bits(size - 1n), size));
  return gaps;
}

/** The left siblings on the lowest `levels` levels of the way to an entry, from the highest down. */
function before(index, levels) {
  const widths = [];
  for (let level = levels - 1n; level >= 0n; level -= 1n) if ((index >> level) & 1n) widths.push(1n << level);
  return widths;
}

/** The right siblings on the lowest `levels` levels of the way to an entry, cut at `size`, upwards. */
function after(index, levels, size) {
  const widths = [];
  for (let level = 0n; level < levels; level += 1n) {
    const start = ((index >> level) + 1n) << level;
    if (start >= size) break;
    if (!((index >> level) & 1n)) widths.push(start + (1n << level) < size ? 1n << level : size - start);
  }
  return widths;
}

/** How many hashes an inclusion path has: a sibling a level up to where the ways part, then the left ones only. */
function pathLength(index, size) {
  const parting = bits(index ^ (size - 1n));
  return Number(parting) + ones(index >> parting);
}

const bits = (value) => (value ? BigInt(value.toString(2).length) : 0n);
const ones = (value) => value.toString(2).replaceAll("0", "").length;

function requireIndices(indices, size) {
  const count = indices.length;
  require(count <= BUNDLE_STATEMENTS, "too-large", `a proof of ${count} entries`, `at most ${BUNDLE_STATEMENTS}`);
  malformed(count, "a proof of no entry", "at least one");
  malformed(
    size <= TREE_SIZE_MAX && indices[0] >= 0n && indices.at(-1) < size,
    `entries ${indices[0]} to ${indices.at(-1)} do not lie in a tree of size ${size}`,
    "indices below the size, a size of at most 2^63 - 1",
  );
  for (let at = 1; at < count; at += 1) {
    malformed(indices[at - 1] < indices[at], `index ${indices[at]} after index ${indices[at - 1]}`, "strictly ascending indices");
  }
}

function requireHashes(hashes, count, what) {
  malformed(hashes.length === count, `${what} has ${hashes.length} hashes`, `exactly ${count}`);
  for (const found of hashes) malformed(found.length === 32, `a hash of ${what} has ${found.length} bytes`, "32");
}

function requireRoot(computed, root, what) {
  require(
    equal(computed, root),
    "proof-invalid",
    () => `${what} leads to the root ${hex(computed)}`,
    hex(root),
    "an entry, its place, a hash or the root is not the one this proof was made for",
  );
}

const malformed = (holds, found, expected) => require(holds, "malformed-proof", found, expected);
