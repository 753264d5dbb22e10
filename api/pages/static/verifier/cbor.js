// Deterministic CBOR (RFC 8949 4.2.1): one byte string for each value, and no other accepted. As ledger/statement/cbor.py.
//
// Integers from -2^64 to 2^64-1, byte strings, text, arrays, maps, false, true, null, and tag 18 (COSE_Sign1). Every
// integer and length in its shortest form, every length definite; map keys are integers, byte strings or text, unique,
// in bytewise order of their encodings; at most 16 arrays, maps and tags inside one another; nothing after the item.

import { bytesOf, compare, concat, utf8 } from "./bytes.js";
import { Fault } from "./fault.js";
import { CBOR_DEPTH } from "./limits.js";

const EXPECTED = "one item in deterministic CBOR (RFC 8949 4.2.1)";
const COSE_SIGN1_TAG = 18;
const SIMPLE = new Map([[20, false], [21, true], [22, null]]);

/** What tag 18 stands in front of. */
export class Tagged {
  constructor(content) {
    this.content = content;
  }
}

/**
 * Decode one item that fills `data`. The caller bounds its length. Throws `malformed-cbor`.
 *
 * Integers come as numbers where those are exact and as BigInt beyond, byte strings as Uint8Array, maps as Map.
 */
export function decode(data) {
  const reader = new Reader(data);
  const value = reader.item(CBOR_DEPTH);
  if (reader.at !== data.length) throw malformed(`bytes after the item: ${data.length - reader.at}`);
  return value;
}

/** The head of an item: major type and argument (a number or BigInt of 0 to 2^64-1) in the shortest form. */
export function head(major, argument) {
  const value = BigInt(argument);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const power = [0, 1, 2, 3].find((step) => value < 1n << (8n << BigInt(step)));
  const digits = value.toString(16).padStart(2 << power, "0");
  return Uint8Array.of((major << 5) | (24 + power), ...digits.match(/../g).map((pair) => Number.parseInt(pair, 16)));
}

export const encodeBytes = (data) => concat(head(2, data.length), data);

export function encodeText(text) {
  const data = bytesOf(text);
  return concat(head(3, data.length), data);
}

class Reader {
  constructor(data) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.at = 0;
  }

  /** The next item; `depth` is how many arrays, maps and tags may still open. */
  item(depth) {
    const [major, argument] = this.head();
    switch (major) {
      case 0:
        return argument;
      case 1:
        return exact(-1n - BigInt(argument));
      case 2:
        return this.take(argument);
      case 3:
        return this.text(argument);
      case 7:
        return this.simple(argument);
      default:
        if (depth === 0) throw malformed("too deeply nested", `at most ${CBOR_DEPTH} arrays, maps and tags deep`);
    }
    if (major === 4) return this.array(argument, depth - 1);
    if (major === 5) return this.map(argument, depth - 1);
    if (argument !== COSE_SIGN1_TAG) throw malformed(`CBOR tag ${argument}`, "no tag but 18 (COSE_Sign1)");
    return new Tagged(this.item(depth - 1));
  }

  head() {
    const initial = this.take(1)[0];
    const [major, short] = [initial >> 5, initial & 31];
    if (short < 24) return [major, short];
    if (short > 27 || major === 7) throw malformed(`the initial byte 0x${initial.toString(16)}`);
    const width = 1 << (short - 24);
    const start = this.at;
    this.take(width);
    const argument = {
      1: () => this.view.getUint8(start),
      2: () => this.view.getUint16(start),
      4: () => this.view.getUint32(start),
      8: () => exact(this.view.getBigUint64(start)),
    }[width]();
    const least = width === 1 ? 24n : 1n << BigInt(4 * width);
    if (BigInt(argument) < least) throw malformed(`a longer form than ${argument} needs`);
    return [major, argument];
  }

  /** The next bytes. Asked for before anything is set aside for them, so a false length costs nothing. */
  take(length) {
    if (length > this.data.length - this.at) throw malformed(`the item goes on after its last byte, ${this.data.length}`);
    this.at += Number(length);
    return this.data.subarray(this.at - Number(length), this.at);
  }

  text(length) {
    const text = utf8(this.take(length));
    if (text === null) throw malformed("text that is not UTF-8");
    return text;
  }

  simple(value) {
    if (!SIMPLE.has(value)) throw malformed(`the simple value ${value}`, "false, true, null; no floats");
    return SIMPLE.get(value);
  }

  array(length, depth) {
    this.fits(length);
    const items = [];
    while (items.length < length) items.push(this.item(depth));
    return items;
  }

  map(length, depth) {
    this.fits(length);
    const members = new Map();
    let before = new Uint8Array();
    for (let count = 0; count < length; count += 1) {
      const start = this.at;
      const key = this.item(depth);
      if (!isKey(key)) throw malformed("a map key that is neither integer nor string");
      const encoded = this.data.subarray(start, this.at);
      if (compare(before, encoded) >= 0) throw malformed("map keys out of order, or one twice");
      before = encoded;
      members.set(key, this.item(depth));
    }
    return members;
  }

  fits(length) {
    if (length > this.data.length - this.at) throw malformed(`${length} items in ${this.data.length - this.at} bytes`);
  }
}

const isKey = (key) => typeof key === "number" || typeof key === "bigint" || typeof key === "string" || key instanceof Uint8Array;

/** A number where it is exact, else the BigInt. */
function exact(value) {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

const malformed = (found, expected = EXPECTED) => new Fault("malformed-cbor", found, expected);
