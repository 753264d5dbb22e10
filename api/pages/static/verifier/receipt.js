// Receipts: the log's signed proof that one statement is registered (RFC 9942; specs/log.md section 9).
//
// The root is not sent: the verifier computes it from the entry, and the signature must fit what comes out. As
// ledger/proof/receipt.py.

import { equal, hex } from "./bytes.js";
import { decode } from "./cbor.js";
import {
  ALG, CWT_CLAIMS, IAT, ISS, KID, SUB, VDP, VDS, decodeProtected, decodeSign1, hasLabels, isInteger, signedBytes,
} from "./cose.js";
import { Fault, require, shown } from "./fault.js";
import { checkSignature } from "./keys.js";
import { RECEIPT_BYTES, TREE_SIZE_MAX } from "./limits.js";
import { leafHash, rootFromInclusion } from "./merkle.js";

const TREE_SIZE = "tree-size";
const RFC9162_SHA256 = 1;
const INCLUSION = -1;
const INTEGER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const KINDS = {
  integer: isInteger,
  text: (value) => typeof value === "string",
  bytes: (value) => value instanceof Uint8Array,
  map: (value) => value instanceof Map,
  array: Array.isArray,
};

/**
 * Verify that the log with `key` (of `parseVkey`) registered `entry`, and read when and where.
 *
 * Resolves to `{log, origin, index, size, root, registeredAt}`. Throws `too-large`, `malformed-cbor`, `malformed-cose`,
 * `malformed-proof`, `key-unknown`, `proof-invalid`, `signature-invalid`.
 */
export async function openReceipt(data, entry, { name: origin, key }) {
  require(data.length <= RECEIPT_BYTES, "too-large", `a receipt of ${data.length} bytes`, `at most ${RECEIPT_BYTES}`);
  const sign1 = decodeSign1(data);
  const header = readHeader(decodeProtected(sign1));
  const { size, index, path } = readProof(sign1);
  requireIssuer(header, key, origin);
  require(header.size === size, "proof-invalid", `the proof is for tree size ${size}`, `${header.size}, the size that was signed`);
  const root = await rootFromInclusion(await leafHash(entry), index, size, path);
  await checkRoot(key, sign1, root, `at index ${index} of ${size}`);
  return { log: header.log, origin, index, size, root, registeredAt: Number(header.registeredAt) };
}

/** Whether this looks like a receipt rather than a statement: a COSE_Sign1 whose payload travels apart. */
export function isReceipt(data) {
  try {
    return decodeSign1(data).payload === null;
  } catch (fault) {
    if (fault instanceof Fault) return false;
    throw fault;
  }
}

function readHeader(header) {
  requireLabels(header, [ALG, KID, CWT_CLAIMS, VDS, TREE_SIZE], "the protected header");
  const claims = typed(header.get(CWT_CLAIMS), "map", "the claims");
  requireLabels(claims, [ISS, SUB, IAT], "the claims");
  const vds = typed(header.get(VDS), "integer", "vds");
  malformed(vds === RFC9162_SHA256, `vds ${vds}`, `${RFC9162_SHA256}, RFC9162_SHA256`);
  return {
    algorithm: typed(header.get(ALG), "integer", "alg"),
    kid: typed(header.get(KID), "bytes", "kid"),
    log: typed(claims.get(ISS), "text", "iss"),
    origin: typed(claims.get(SUB), "text", "sub"),
    registeredAt: natural(claims.get(IAT), "iat", INTEGER_MAX),
    size: natural(header.get(TREE_SIZE), TREE_SIZE, TREE_SIZE_MAX),
  };
}

function readProof({ payload, unprotected }) {
  malformed(payload === null, "a receipt with a payload", "nil: the root is computed, not sent");
  requireLabels(unprotected, [VDP], "the unprotected header");
  const proofs = typed(unprotected.get(VDP), "map", "vdp");
  requireLabels(proofs, [INCLUSION], "vdp");
  const inclusion = typed(proofs.get(INCLUSION), "array", "the list of inclusion proofs");
  malformed(inclusion.length === 1, `${inclusion.length} inclusion proofs`, "exactly one");
  const proof = typed(decode(typed(inclusion[0], "bytes", "the proof")), "array", "the decoded proof");
  malformed(proof.length === 3, `a proof of ${proof.length} parts`, "[tree size, leaf index, path]");
  const path = typed(proof[2], "array", "the path").map((item) => typed(item, "bytes", "a hash of the path"));
  return {
    size: natural(proof[0], "the tree size", TREE_SIZE_MAX),
    index: natural(proof[1], "the index", TREE_SIZE_MAX),
    path,
  };
}

function requireIssuer(header, key, origin) {
  require(
    equal(header.kid, key.kid) && header.log === key.did,
    "key-unknown",
    () => `the receipt is issued by ${shown(header.log)} with the key ${hex(header.kid.subarray(0, 32))}`,
    `${key.did} with ${hex(key.kid)}`,
    "check that this is the right log, and its key the right one",
  );
  malformed(key.algorithms.includes(header.algorithm), `alg ${header.algorithm}`, `${key.algorithms.join(" or ")} for this key`);
  require(header.origin === origin, "proof-invalid", () => `a receipt of the log ${shown(header.origin)}`, `of ${origin}`);
}

async function checkRoot(key, sign1, root, where) {
  try {
    await checkSignature(key, signedBytes(sign1.protected, root), sign1.signature);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    throw new Fault(
      "signature-invalid",
      `the log did not sign the root ${hex(root)}, which this entry gives ${where}`,
      "",
      "this receipt belongs to another statement, or one of the two was altered",
    );
  }
}

function requireLabels(map, labels, what) {
  malformed(
    hasLabels(map, labels),
    () => `${what} has the labels ${[...map.keys()].map((label) => shown(label, 40)).join(", ")}`,
    `exactly ${labels.join(", ")}`,
  );
}

function typed(value, kind, what) {
  malformed(KINDS[kind](value), `${what} is of another kind`, kind);
  return value;
}

function natural(value, what, largest) {
  const number = BigInt(typed(value, "integer", what));
  malformed(number >= 0n && number <= largest, `${what} is ${number}`, `0 to ${largest}`);
  return number;
}

const malformed = (holds, found, expected) => require(holds, "malformed-proof", found, expected);
