// Points that a public key or a signature may be, on the two curves of specs/statement.md section 2.
//
// WebCrypto computes the signatures themselves. What it leaves open is checked here: implementations differ on Ed25519
// keys of small or mixed order, under which one signature fits many messages or verifiers disagree, and on non-canonical
// encodings; and they do not take compressed P-256 points everywhere. All of these values are public, so that the time
// which BigInt takes over them tells nobody anything.

import { concat, toNumber, unhex } from "./bytes.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n; // order of the prime order group (RFC 8032 5.1)
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ROOT_OF_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
const SIGN = 1n << 255n;

/** The y of the points of order 1, 2, 4 and 8; two points of one y differ in the sign of x. */
const SMALL_ORDER_Y = new Set([
  1n,
  P - 1n,
  0n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

/** Whether 32 bytes are the canonical encoding of a point of the prime order group (RFC 8032 5.1.3). About 2 ms. */
export function isEd25519Key(raw) {
  if (isSmallOrder(raw)) return false;
  const point = decompress(littleEndian(raw));
  return point !== null && isNeutral(multiply(point, L));
}

/** Whether 32 bytes encode a point of small order, canonically or not: no R of a signature may. */
export function isSmallOrder(encoded) {
  return SMALL_ORDER_Y.has((littleEndian(encoded) % SIGN) % P);
}

const littleEndian = (data) => toNumber(data.toReversed());

/** The point in extended coordinates [X, Y, Z, T], or null where y is not canonical or no x fits it. */
function decompress(encoded) {
  const y = encoded % SIGN;
  if (y >= P) return null;
  const [u, v] = [modulo(y * y - 1n), (D * y * y + 1n) % P];
  const v3 = (v * v * v) % P;
  let x = (u * v3 * power((u * v3 * v3 * v) % P, (P - 5n) / 8n, P)) % P;
  const square = (v * x * x) % P;
  if (square === modulo(-u)) x = (x * ROOT_OF_MINUS_1) % P;
  else if (square !== u) return null;
  if ((x & 1n) !== encoded / SIGN) x = P - x;
  return [x, y, 1n, (x * y) % P];
}

/** RFC 8032 5.1.4: complete, so that it doubles as well. */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2) % P;
  const b = (y1 + x1) * (y2 + x2) % P;
  const c = ((2n * D * t1) % P) * t2 % P;
  const d = 2n * z1 * z2 % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function multiply(point, factor) {
  let sum = [0n, 1n, 1n, 0n];
  for (const bit of factor.toString(2)) {
    sum = add(sum, sum);
    if (bit === "1") sum = add(sum, point);
  }
  return sum;
}

const isNeutral = ([x, y, z]) => modulo(x) === 0n && modulo(y - z) === 0n;

const modulo = (value) => ((value % P) + P) % P;

function power(base, exponent, prime) {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % prime;
    if (bit === "1") result = (result * base) % prime;
  }
  return result;
}

const P256 = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** x and y, 32 bytes each, of a compressed P-256 point (SEC 1 2.3.4); null for one that is not on the curve. */
export function p256Point(raw) {
  const x = toNumber(raw.subarray(1));
  if ((raw[0] !== 2 && raw[0] !== 3) || x >= P256) return null;
  const square = (x * x * x - 3n * x + P256_B) % P256;
  let y = power((square + P256) % P256, (P256 + 1n) / 4n, P256);
  if ((y * y - square) % P256 !== 0n) return null;
  if (Number(y & 1n) !== (raw[0] & 1)) y = P256 - y;
  return { x: raw.subarray(1), y: unhex(y.toString(16).padStart(64, "0")) };
}

/** Whether s is the lower of s and n - s, n the order of the group: anyone can turn one into the other. */
export const isLowS = (s) => toNumber(s) <= P256_ORDER / 2n;

/** An uncompressed point (SEC 1 2.3.3), which every WebCrypto takes. */
export const uncompressed = ({ x, y }) => concat(Uint8Array.of(4), x, y);
