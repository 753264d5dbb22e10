// Public keys: how they are named, and what they accept (specs/statement.md section 2). As ledger/statement/keys.py.
//
//     did:key   "did:key:z" + base58btc( multicodec || raw )              a party's id
//     kid       SHA-256( deterministic COSE_Key of the required members )   RFC 9679, in COSE headers

import { bytesOf, concat, equal, hex, sha256, toNumber, unhex } from "./bytes.js";
import { encodeBytes, head } from "./cbor.js";
import { isEd25519Key, isLowS, isSmallOrder, p256Point, uncompressed } from "./curves.js";
import { Fault, require, shown } from "./fault.js";

const SIGNATURE_BYTES = 64;
const DID_PREFIX = "did:key:z";
const DID_CHARS = 64; // the longest that names a key of ours has 57
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const DID = new RegExp(`^${DID_PREFIX}[${BASE58}]+$`);
const REMEMBERED = 16_384;

const MAP = (members) => head(5, members);
const integer = (value) => (value < 0 ? head(1, -1 - value) : head(0, value));
const member = (label, value) => concat(integer(label), value);

class Ed25519Key {
  static multicodec = Uint8Array.of(0xed, 0x01);
  algorithms = [-8, -19];
  kind = "Ed25519";

  constructor(raw) {
    require(raw.length === 32, "malformed-key", `an Ed25519 key of ${raw.length} bytes`, "32 bytes");
    require(
      isEd25519Key(raw),
      "malformed-key",
      () => `${hex(raw)} is not an Ed25519 public key`,
      "a canonical point of the prime order group",
      "make a new key: signatures under this one would not identify a signer",
    );
    this.raw = raw;
    this.members = concat(MAP(3), member(1, integer(1)), member(-1, integer(6)), member(-2, encodeBytes(raw)));
  }

  /** Small order R is refused here; WebCrypto refuses an S of L or more and compares R byte by byte (RFC 8032 5.1.7). */
  isPossible(signature) {
    return !isSmallOrder(signature.subarray(0, 32));
  }

  load = () => crypto.subtle.importKey("raw", this.raw, "Ed25519", false, ["verify"]);
  parameters = "Ed25519";
}

class P256Key {
  static multicodec = Uint8Array.of(0x80, 0x24);
  algorithms = [-7, -9];
  kind = "P-256";

  constructor(raw) {
    require(raw.length === 33, "malformed-key", `a P-256 key of ${raw.length} bytes`, "33 bytes: a compressed point");
    this.point = p256Point(raw);
    require(this.point, "malformed-key", () => `${hex(raw)} is not a P-256 public key`, "a compressed point on the curve");
    this.raw = raw;
    const { x, y } = this.point;
    this.members = concat(
      MAP(4),
      member(1, integer(2)),
      member(-1, integer(1)),
      member(-2, encodeBytes(x)),
      member(-3, encodeBytes(y)),
    );
  }

  isPossible(signature) {
    return isLowS(signature.subarray(32));
  }

  load = () =>
    crypto.subtle.importKey("raw", uncompressed(this.point), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  parameters = { name: "ECDSA", hash: "SHA-256" };
}

/** A key with its two names, `did` and `kid` (32 bytes). Throws `malformed-key`. */
export async function makeKey(Kind, raw) {
  const key = new Kind(raw);
  key.did = DID_PREFIX + toBase58(concat(Kind.multicodec, raw));
  key.kid = await sha256(key.members);
  return key;
}

export const ed25519Key = (raw) => makeKey(Ed25519Key, raw);

/** Returns if `signature` is the key's over `message`; throws `signature-invalid` otherwise. */
export async function checkSignature(key, message, signature) {
  if (signature.length === SIGNATURE_BYTES && key.isPossible(signature)) {
    key.loaded ??= key.load();
    if (await crypto.subtle.verify(key.parameters, await key.loaded, signature, message)) return;
  }
  throw new Fault(
    "signature-invalid",
    `the signature is not one by ${key.did} over these bytes`,
    "",
    "ask the signer for the original file: its bytes or its signature were changed",
  );
}

const remembered = new Map();

/** Read a `did:key` in its one canonical spelling. Throws `malformed-key`. Keys read are remembered. */
export async function parseDidKey(text) {
  const known = remembered.get(text);
  if (known) return known;
  const key = await readDidKey(text);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, key);
  return key;
}

async function readDidKey(text) {
  require(
    text.length <= DID_CHARS && DID.test(text),
    "malformed-key",
    () => `${shown(text)} is not a did:key`,
    `${DID_PREFIX} and at most 55 base58btc digits`,
  );
  const data = fromBase58(text.slice(DID_PREFIX.length));
  const Kind = [Ed25519Key, P256Key].find(({ multicodec }) => equal(data.subarray(0, multicodec.length), multicodec));
  require(Kind, "malformed-key", `${text} names a kind of key that is not known here`, "Ed25519 (z6Mk...) or P-256 (zDn...)");
  const key = await makeKey(Kind, data.subarray(Kind.multicodec.length));
  require(key.did === text, "malformed-key", `${text} is not the canonical spelling`, key.did);
  return key;
}

/** base58btc of bytes that do not begin with zero, as no multicodec does. */
function toBase58(data) {
  let digits = "";
  for (let rest = toNumber(data); rest; rest /= 58n) digits = BASE58[Number(rest % 58n)] + digits;
  return digits;
}

/** The bytes of a base58btc number; leading zeros are lost, which the canonical spelling has none of. */
function fromBase58(digits) {
  const number = [...digits].reduce((sum, digit) => sum * 58n + BigInt(BASE58.indexOf(digit)), 0n);
  const text = number.toString(16);
  return unhex(text.length % 2 ? `0${text}` : text);
}

/** The keys a reader knows: every party's first, and those it has been told of. As ledger/statement/keybook.py. */
export class KeyBook {
  constructor() {
    this.told = new Map();
  }

  /** Take a key in, from wherever: a thumbprint fits one key only. Throws `malformed-key`. */
  async tell(did) {
    const key = await parseDidKey(did);
    this.told.set(hex(key.kid), key);
  }

  /** The key of this thumbprint. Whether it is the issuer's is a rule (authority.js). Throws `key-unknown`. */
  async resolve(iss, kid) {
    const first = await parseDidKey(iss);
    const key = equal(first.kid, kid) ? first : this.told.get(hex(kid));
    require(
      key,
      "key-unknown",
      () => `key ${hex(kid)} is not the first key of ${iss}`,
      hex(first.kid),
      "a key added later is known by the key.added statement that added it",
    );
    return key;
  }
}

/** SHA-256(name || 0x0A || 0x01 || public key)[0:4], the short label of a key in a note. */
export async function noteKeyId(name, material) {
  return (await sha256(concat(bytesOf(`${name}\n`), material))).subarray(0, 4);
}
