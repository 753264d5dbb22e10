// Payload bytes: JSON that every reader reads alike (specs/statement.md section 4). As ledger/statement/payload.py.
//
// RFC 8259 without what two readers could take for two different things: bytes that are not UTF-8, a byte order mark,
// lone surrogates, a name twice in one object (compared after unescaping), fractions and exponents, -0, integers beyond
// 2^53 - 1 either way, more than 16 arrays and objects inside one another. JSON.parse is laxer in most of these and
// would keep the last of two names silently, so the text is read here.

import { utf8 } from "./bytes.js";
import { Fault } from "./fault.js";
import { JSON_DEPTH } from "./limits.js";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
const ESCAPED = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = { t: ["true", true], f: ["false", false], n: ["null", null] };

/** Read a JSON object strictly. Objects have no prototype. Throws `malformed-payload`. */
export function decodePayload(data) {
  const text = utf8(data);
  if (text === null) throw malformed("a payload that is not UTF-8", "UTF-8");
  const value = new Reader(text).document();
  if (!isObject(value)) throw malformed("a payload that is no JSON object", "a JSON object");
  return value;
}

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  document() {
    const value = this.value(JSON_DEPTH);
    if (this.at !== this.text.length) throw this.unreadable();
    return value;
  }

  /** The next value with the space around it; `depth` is how many arrays and objects may still open. */
  value(depth) {
    this.match(SPACE);
    const first = this.text[this.at];
    let value;
    if (first === "{" || first === "[") {
      if (depth === 0) {
        throw malformed("a payload too deeply nested", `at most ${JSON_DEPTH} arrays and objects inside one another`);
      }
      value = first === "{" ? this.object(depth - 1) : this.array(depth - 1);
    } else if (first === '"') value = this.string();
    else if (first in WORDS) value = this.word(...WORDS[first]);
    else value = this.number();
    this.match(SPACE);
    return value;
  }

  object(depth) {
    const members = Object.create(null);
    this.skip("{");
    this.match(SPACE);
    if (this.has("}")) return members;
    do {
      this.match(SPACE);
      const name = this.string();
      if (name in members) throw malformed(`the member “${name.slice(0, 80)}” twice in one object`, "each name once");
      this.match(SPACE);
      this.skip(":");
      members[name] = this.value(depth);
    } while (this.has(","));
    this.skip("}");
    return members;
  }

  array(depth) {
    const items = [];
    this.skip("[");
    this.match(SPACE);
    if (this.has("]")) return items;
    do items.push(this.value(depth));
    while (this.has(","));
    this.skip("]");
    return items;
  }

  string() {
    this.skip('"');
    let text = this.match(PLAIN);
    while (this.has("\\")) {
      const escape = this.match(ESCAPE);
      if (!escape) throw this.unreadable();
      text += escape[0] === "u" ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : (ESCAPED[escape] ?? escape);
      text += this.match(PLAIN);
    }
    this.skip('"');
    if (!text.isWellFormed()) throw malformed("text with half of a surrogate pair", "both halves, or none");
    return text;
  }

  number() {
    const numeral = this.match(NUMBER);
    if (!numeral) throw this.unreadable();
    const value = Number(numeral);
    if (!/^-?[0-9]{1,16}$/.test(numeral) || Object.is(value, -0) || !Number.isSafeInteger(value)) {
      throw malformed(`the number ${numeral.slice(0, 40)}`, "a whole number of at most 53 bits; quantities are strings");
    }
    return value;
  }

  word(word, value) {
    if (!this.text.startsWith(word, this.at)) throw this.unreadable();
    this.at += word.length;
    return value;
  }

  /** What matches here, perhaps nothing. */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  has(char) {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  skip(char) {
    if (!this.has(char)) throw this.unreadable();
  }

  unreadable() {
    return malformed(`a payload that is not JSON at character ${this.at}`, "JSON (RFC 8259)");
  }
}

const malformed = (found, expected) => new Fault("malformed-payload", found, expected);
