// The one error of the verifier, with the codes of ledger/errors.py.
//
// `found` says what was there, `expected` what should have been, `hint` what to do. Two distinctions matter and are
// kept apart: "the signature is wrong" (signature-invalid) is not "the signature could not be checked"
// (key-unknown); "these bytes cannot be read" (malformed-...) is not "this was read and is not true".

export class Fault extends Error {
  constructor(code, found, expected = "", hint = "") {
    super(expected ? `${found} (expected: ${expected})` : found);
    this.name = "Fault";
    this.code = code;
    this.found = found;
    this.expected = expected;
    this.hint = hint;
  }
}

/** Throw a `Fault` unless `holds`. `found` may be a function, so that words cost nothing where all is well. */
export function require(holds, code, found, expected = "", hint = "") {
  if (!holds) throw new Fault(code, typeof found === "function" ? found() : found, expected, hint);
}

/** A value of a stranger's, short enough to stand in a message. */
export function shown(value, length = 80) {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  const text = typeof value === "string" ? `“${value}”` : String(value);
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
