// COSE_Sign1 (RFC 9052 4.2) in one strict form, the envelope of statements and receipts. As ledger/statement/cose.py.

import { concat } from "./bytes.js";
import { Tagged, decode, encodeBytes, encodeText, head } from "./cbor.js";
import { Fault, require } from "./fault.js";
import { COSE_BYTES } from "./limits.js";

export const ALG = 1;
export const CRIT = 2;
export const CONTENT_TYPE = 3;
export const KID = 4;
export const CWT_CLAIMS = 15;
export const VDS = 395;
export const VDP = 396;
export const ISS = 1;
export const SUB = 2;
export const IAT = 6;

/** Labels that drafts used before registration, or beside 15, which holds the claims (RFC 9597). */
const OBSOLETE = new Set([-111, -222, 391, 392, 393, 13, 14]);

/** Read a tagged COSE_Sign1; the protected header is read as well, but kept encoded too: those bytes are signed. */
export function decodeSign1(data) {
  require(data.length <= COSE_BYTES, "too-large", `${data.length} bytes of COSE`, `at most ${COSE_BYTES} bytes`);
  const tagged = decode(data);
  require(tagged instanceof Tagged, "malformed-cose", "not a tagged COSE_Sign1", "CBOR tag 18", "sign with the tag included");
  const parts = tagged.content;
  require(
    Array.isArray(parts) && parts.length === 4 && hasKinds(...parts),
    "malformed-cose",
    "not the four parts of a COSE_Sign1",
    "[protected bstr, unprotected map, payload bstr or nil, signature bstr] (RFC 9052 4.2)",
  );
  const [protectedBytes, unprotected, payload, signature] = parts;
  checkLabels(unprotected);
  return { protected: protectedBytes, unprotected, payload, signature };
}

const isBytes = (value) => value instanceof Uint8Array;

const hasKinds = (header, unprotected, payload, signature) =>
  isBytes(header) && unprotected instanceof Map && (payload === null || isBytes(payload)) && isBytes(signature);

/** The protected header: label to value, with an integer under `ALG`. Throws `malformed-cbor`, `malformed-cose`. */
export function decodeProtected({ protected: encoded, unprotected }) {
  const header = encoded.length ? decode(encoded) : new Map();
  require(header instanceof Map, "malformed-cose", "the protected header is not a map", "a map with alg (label 1)");
  checkLabels(header);
  require(
    isInteger(header.get(ALG)),
    "malformed-cose",
    "no integer alg (label 1) in the protected header",
    "alg under the signature: an unprotected or textual one can be exchanged",
  );
  require(!header.has(CRIT), "malformed-cose", "the protected header marks parameters as critical (crit)", "no crit");
  for (const label of unprotected.keys()) {
    require(!header.has(label), "malformed-cose", `label ${label} stands in both headers`, "each label once (RFC 9052 3)");
  }
  return header;
}

export const isInteger = (value) => typeof value === "number" || typeof value === "bigint";

/** Whether a map has exactly these labels. */
export const hasLabels = (map, labels) => map.size === labels.length && labels.every((label) => map.has(label));

/** The Sig_structure a signature covers (RFC 9052 4.4): context "Signature1", no external data. */
export function signedBytes(protectedBytes, payload) {
  const none = new Uint8Array();
  return concat(head(4, 4), encodeText("Signature1"), encodeBytes(protectedBytes), encodeBytes(none), encodeBytes(payload));
}

function checkLabels(header) {
  for (const label of header.keys()) {
    if (isBytes(label)) throw new Fault("malformed-cose", "a header label that is a byte string", "integers and text");
    if (OBSOLETE.has(label)) {
      throw new Fault(
        "malformed-cose",
        `header label ${label}, which drafts used before registration`,
        "15 for claims, 394 for receipts, 395 and 396 for proofs (RFC 9597, RFC 9942)",
      );
    }
  }
}
