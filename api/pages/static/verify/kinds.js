// What a file is, before anything in it is believed; and bytes that came as text.

import { base64, unhex, utf8 } from "../verifier/bytes.js";
import { Fault } from "../verifier/fault.js";
import { isReceipt } from "../verifier/receipt.js";

const MAP = 5; // the major type of CBOR maps, which a bundle is
const TAG_18 = 0xd2; // COSE_Sign1
const VKEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/;

/** `bundle`, `receipt`, `statement` or `vkey`, by how it begins. Throws a `Fault` for anything else. */
export function kindOf(data) {
  if (data[0] >> 5 === MAP) return "bundle";
  if (data[0] === TAG_18) return isReceipt(data) ? "receipt" : "statement";
  if (VKEY.test((utf8(data) ?? "").trim())) return "vkey";
  throw new Fault("malformed", `${data.length} bytes that begin with ${startOf(data)}`, "a bundle, a receipt or a statement");
}

const startOf = (data) => (data.length ? `0x${data[0].toString(16).padStart(2, "0")}` : "nothing");

/** The bytes that somebody pasted: hexadecimal digits, base64 or base64url; a key line as its text. */
export function bytesOfText(text) {
  const line = text.trim();
  if (VKEY.test(line)) return new TextEncoder().encode(line);
  const digits = line.replace(/\s+/g, "");
  if (/^([0-9a-fA-F]{2})+$/.test(digits)) return unhex(digits);
  const standard = digits.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  const data = base64(standard + "=".repeat((4 - (standard.length % 4)) % 4));
  if (!data) throw new Fault("malformed", `${digits.length} characters that are neither base64 nor hexadecimal`, "one of the two");
  return data;
}
