// The bundle: evidence in one file, well-formed or not (specs/bundle.md). As ledger/audit/bundle.py.

import { hex } from "./bytes.js";
import { decode } from "./cbor.js";
import { Fault, require, shown } from "./fault.js";
import { BUNDLE_BYTES, BUNDLE_STATEMENTS, NOTE_BYTES, STATEMENT_BYTES, TREE_SIZE_MAX } from "./limits.js";

const VERSION = 1;
const SCOPES = ["statement", "contract"];
const MEMBERS = ["bundle", "checkpoint", "claim", "entries", "proof", "scope"];

/**
 * Read a bundle file: `{scope, claim, checkpoint, entries: [[index, statement], ...], proof}`, nothing proved.
 *
 * Indices are BigInt. Throws `malformed-bundle`, `too-large`.
 */
export function decodeBundle(data) {
  require(data.length <= BUNDLE_BYTES, "too-large", `the file has ${data.length} bytes`, `a bundle of at most ${BUNDLE_BYTES}`);
  const content = decodeFile(data);
  malformed(
    content instanceof Map && content.size === MEMBERS.length && MEMBERS.every((member) => content.has(member)),
    "this is not a bundle",
    `a map of ${MEMBERS.join(", ")}`,
  );
  const [version, scope] = [content.get("bundle"), content.get("scope")];
  malformed(version === VERSION, () => `bundle version ${shown(version)}`, `version ${VERSION}`);
  malformed(SCOPES.includes(scope), () => `scope ${shown(scope)}`, "“statement” or “contract”");
  return {
    scope,
    claim: hex(bytes(content.get("claim"), "claim", 32, true)),
    checkpoint: bytes(content.get("checkpoint"), "checkpoint", NOTE_BYTES),
    entries: readEntries(content.get("entries")),
    proof: list(content.get("proof"), "proof").map((one) => bytes(one, "proof", 32, true)),
  };
}

function decodeFile(data) {
  try {
    return decode(data);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    throw new Fault("malformed-bundle", `this is not a bundle: ${fault.message}`, "a file made by `tally bundle`");
  }
}

function readEntries(value) {
  let last = -1n;
  const entries = list(value, "entries").map((one) => {
    const pair = list(one, "an entry");
    malformed(pair.length === 2, `an entry has ${pair.length} parts`, "[index, statement]");
    const [index, statement] = pair;
    const place = ["number", "bigint"].includes(typeof index) ? BigInt(index) : -1n;
    malformed(last < place && place < TREE_SIZE_MAX, () => `entry index ${shown(index)} after ${last}`, "indices that ascend");
    last = place;
    return [place, bytes(statement, "a statement", STATEMENT_BYTES)];
  });
  malformed(entries.length, "there are no entries", "at least one");
  return entries;
}

function list(value, what) {
  malformed(Array.isArray(value), `${what} is no array`, "an array");
  const most = BUNDLE_STATEMENTS * 2;
  require(value.length <= most, "too-large", `${what} has ${value.length} elements`, `at most ${most}`);
  return value;
}

function bytes(value, what, limit, isExact = false) {
  malformed(
    value instanceof Uint8Array && (isExact ? value.length === limit : value.length <= limit),
    () => `${what}: ${shown(value)}`,
    isExact ? `${limit} bytes` : `at most ${limit} bytes`,
  );
  return value;
}

const malformed = (holds, found, expected) => require(holds, "malformed-bundle", found, expected);
