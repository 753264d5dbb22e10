// Bytes: joining, comparing, their spellings in hex and base64, UTF-8, SHA-256.

const READER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const WRITER = new TextEncoder();

/** UTF-8 text as it stands, a byte order mark included; null for bytes that are not UTF-8. */
export function utf8(data) {
  try {
    return READER.decode(data);
  } catch {
    return null;
  }
}

export const bytesOf = (text) => WRITER.encode(text);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Below 0, 0 or above 0, as `left` comes before, with or after `right` byte by byte. */
export function compare(left, right) {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) if (left[at] !== right[at]) return left[at] - right[at];
  return left.length - right.length;
}

export const equal = (left, right) => left.length === right.length && compare(left, right) === 0;

export const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes of hexadecimal digits, an even number of them in either case. */
export const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** The bytes of the one canonical base64 form (RFC 4648 section 4); null for any other text, and for none. */
export function base64(text) {
  let data;
  try {
    data = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
  return data.length && toBase64(data) === text ? data : null;
}

export const toBase64 = (data) => btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));

export const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

/** The number that big-endian bytes write. */
export const toNumber = (data) => BigInt(`0x${hex(data) || "0"}`);

/** How many characters (code points, not UTF-16 units) a text has. */
export const characters = (text) => [...text].length;
