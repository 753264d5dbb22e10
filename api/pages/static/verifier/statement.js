// The statement: one signed event (specs/statement.md). As ledger/statement/envelope.py.

import { characters, equal, hex, sha256 } from "./bytes.js";
import {
  ALG, CONTENT_TYPE, CWT_CLAIMS, IAT, ISS, KID, SUB, decodeProtected, decodeSign1, hasLabels, signedBytes,
} from "./cose.js";
import { require, shown } from "./fault.js";
import { decodePayload, isObject } from "./json.js";
import { KeyBook, checkSignature, parseDidKey } from "./keys.js";
import { REFS_PER_ROLE, REF_ROLES, SHORT_TEXT_CHARS, STATEMENT_BYTES } from "./limits.js";

const EVENT_TYPE = "application/vnd.tallystick.event+json";
const ALGORITHMS = [-8, -19, -7, -9];
const MEMBERS = ["body", "occurred_at", "prev", "refs", "type", "version"];
const ID = /^[0-9a-f]{64}$/;

/**
 * Read a statement and verify its signature by the key that `keys` answers for its (iss, kid).
 *
 * Resolves to `{data, id, entry, algorithm, kid, iss, sub, iat, key, type, version, occurredAt, prev, refs, body}`. Throws
 * `too-large`, a `malformed-...`, `key-unknown` or `signature-invalid`, the first that applies in this order.
 */
export async function openStatement(data, keys = new KeyBook()) {
  const { statement, sign1 } = await read(data);
  const key = await keys.resolve(statement.iss, statement.kid);
  require(
    equal(key.kid, statement.kid),
    "key-unknown",
    () => `the statement is signed with key ${hex(statement.kid)}, not with ${hex(key.kid)}`,
    "the key whose thumbprint the statement carries",
  );
  require(
    key.algorithms.includes(statement.algorithm),
    "signature-invalid",
    `algorithm ${statement.algorithm} is not one of ${key.did}`,
    key.algorithms.join(" or "),
  );
  await checkSignature(key, signedBytes(sign1.protected, sign1.payload), sign1.signature);
  return { ...statement, key };
}

async function read(data) {
  require(
    data.length <= STATEMENT_BYTES,
    "too-large",
    `a statement of ${data.length} bytes`,
    `at most ${STATEMENT_BYTES} bytes`,
    "refer to large files by their SHA-256, size and media type",
  );
  const sign1 = decodeSign1(data);
  require(
    sign1.unprotected.size === 0,
    "malformed-cose",
    "a statement with an unprotected header",
    "an empty one: it is not signed, but hashed",
  );
  require(sign1.payload, "malformed-cose", "a statement without its payload", "an attached payload");
  const header = decodeProtected(sign1);
  checkHeader(header);
  const { iss, sub, iat } = await readClaims(header.get(CWT_CLAIMS));
  const event = decodePayload(sign1.payload);
  checkEvent(event);
  const entry = await sha256(data);
  const statement = {
    data,
    id: hex(entry),
    entry,
    algorithm: header.get(ALG),
    kid: header.get(KID),
    iss,
    sub,
    iat,
    type: event.type,
    version: event.version,
    occurredAt: event.occurred_at,
    prev: event.prev,
    refs: event.refs,
    body: event.body,
  };
  return { statement, sign1 };
}

/** All statements that one rests on, in whatever role. */
export const referred = (statement) => Object.values(statement.refs).flat();

function checkHeader(header) {
  require(
    hasLabels(header, [ALG, CONTENT_TYPE, KID, CWT_CLAIMS]),
    "malformed-cose",
    () => `the protected labels ${[...header.keys()].map((label) => shown(label, 20)).join(", ")}`,
    "1 alg, 3 content type, 4 kid, 15 claims",
  );
  const algorithm = header.get(ALG);
  require(
    ALGORITHMS.includes(algorithm),
    "malformed-cose",
    `algorithm ${algorithm}`,
    "-8 or -19 (Ed25519), -7 or -9 (ECDSA on P-256)",
  );
  const media = header.get(CONTENT_TYPE);
  require(media === EVENT_TYPE, "malformed-cose", () => `content type ${shown(media)}`, EVENT_TYPE);
  const kid = header.get(KID);
  require(
    kid instanceof Uint8Array && kid.length === 32,
    "malformed-cose",
    "a kid that is no thumbprint",
    "32 bytes (RFC 9679, SHA-256)",
  );
  const claims = header.get(CWT_CLAIMS);
  require(
    claims instanceof Map && hasLabels(claims, [ISS, SUB, IAT]),
    "malformed-cose",
    "other claims than a statement has",
    "a map of 1 iss, 2 sub, 6 iat",
  );
}

async function readClaims(claims) {
  const [iss, sub, iat] = [claims.get(ISS), claims.get(SUB), claims.get(IAT)];
  require(typeof iss === "string", "malformed-cose", "an iss claim that is not text", "a did:key");
  require(typeof sub === "string", "malformed-cose", "a sub claim that is not text", "a statement id or a did:key");
  require(
    Number.isSafeInteger(iat) && iat >= 0,
    "malformed-cose",
    () => `an iat claim of ${shown(iat, 40)}`,
    "whole seconds from 0 to 2^53 - 1",
  );
  await parseDidKey(iss);
  if (sub.startsWith("did:")) await parseDidKey(sub);
  else {
    require(
      ID.test(sub),
      "malformed-cose",
      () => `a sub claim of ${shown(sub)}`,
      "64 lower-case hexadecimal digits, or a did:key",
    );
  }
  return { iss, sub, iat };
}

/** The members every event has; what stands in `body` is not looked at. */
function checkEvent(event) {
  const members = Object.keys(event).sort();
  payload(members.join() === MEMBERS.join(), `an event with the members ${members.join(", ").slice(0, 200)}`, MEMBERS.join(", "));
  for (const member of ["type", "occurred_at"]) {
    payload(isShort(event[member]), `an event whose ${member} is ${shown(event[member], 40)}`, `1 to ${SHORT_TEXT_CHARS} characters`);
  }
  payload(
    typeof event.version === "number" && event.version >= 1,
    `an event of version ${shown(event.version, 40)}`,
    "a whole number from 1",
  );
  if (event.prev !== null) checkId(event.prev, "prev");
  checkRefs(event.refs);
  payload(isObject(event.body), "an event whose body is not an object", "an object");
}

function checkRefs(refs) {
  payload(
    isObject(refs) && Object.keys(refs).length <= REF_ROLES,
    "refs that are no object of roles",
    `at most ${REF_ROLES} roles`,
  );
  for (const [role, target] of Object.entries(refs)) {
    payload(isShort(role), `the role ${shown(role, 40)} in refs`, `1 to ${SHORT_TEXT_CHARS} characters`);
    const targets = Array.isArray(target) ? target : [target];
    payload(targets.length <= REFS_PER_ROLE, `${targets.length} refs in the role ${shown(role)}`, `at most ${REFS_PER_ROLE}`);
    for (const one of targets) checkId(one, role);
  }
}

function checkId(value, place) {
  payload(
    typeof value === "string" && ID.test(value),
    `${shown(value)} as ${shown(place)} is not a statement id`,
    "64 lower-case hexadecimal digits",
  );
}

function isShort(text) {
  return typeof text === "string" && text.length > 0 && characters(text) <= SHORT_TEXT_CHARS;
}

const payload = (holds, found, expected) => require(holds, "malformed-payload", found, expected);
