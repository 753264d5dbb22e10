// The verifier of the browser, asked from outside: one question a line on standard input, one answer a line on
// standard output, in the same order. A question is `{kind, data, ...}`, bytes in base64; the answer `ok` or the code of
// the fault. Anything but a Fault ends the process.

import { createInterface } from "node:readline";

import { unhex } from "../../api/pages/static/verifier/bytes.js";
import { decode } from "../../api/pages/static/verifier/cbor.js";
import { Fault } from "../../api/pages/static/verifier/fault.js";
import { decodePayload } from "../../api/pages/static/verifier/json.js";
import { parseDidKey } from "../../api/pages/static/verifier/keys.js";
import { checkInclusion, checkMany } from "../../api/pages/static/verifier/merkle.js";
import { openCheckpoint, openNote, parseVkey } from "../../api/pages/static/verifier/note.js";
import { openReceipt } from "../../api/pages/static/verifier/receipt.js";
import { openStatement } from "../../api/pages/static/verifier/statement.js";
import { verifyBundle } from "../../api/pages/static/verifier/verify.js";

const vkeys = new Map();

/** A key line read once; lines that cannot be read are asked about as `vkey`. */
async function vkey(line) {
  if (!vkeys.has(line)) vkeys.set(line, await parseVkey(line));
  return vkeys.get(line);
}

const text = (data) => new TextDecoder().decode(data);

/** JSON whose whole numbers are BigInt however large: JSON.parse would round them. */
const exact = (data) => JSON.parse(text(data).replace(/(?<=[:\[,]\s*)(-?\d+)(?=\s*[,\]}])/g, '"$1n"'), (_, value) =>
  typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
);

const ASK = {
  cbor: async ({ data }) => decode(data),
  payload: async ({ data }) => decodePayload(data),
  did: async ({ data }) => parseDidKey(text(data)),
  vkey: async ({ data }) => parseVkey(text(data)),
  statement: async ({ data }) => openStatement(data),
  note: async ({ data, vkeys: lines }) => openNote(data, await Promise.all(lines.map(vkey))),
  checkpoint: async ({ data, vkeys: [line] }) => openCheckpoint(data, await vkey(line)),
  receipt: async ({ data, vkeys: [line], entry }) => openReceipt(data, unhex(entry), await vkey(line)),
  bundle: async ({ data, vkeys: [line] }) => verifyBundle(data, await vkey(line)),
  inclusion: async ({ data }) => {
    const { leaf, index, size, path, root } = exact(data);
    await checkInclusion(unhex(leaf), index, size, path.map(unhex), unhex(root));
  },
  multiproof: async ({ data }) => {
    const { leaves, size, hashes, root } = exact(data);
    await checkMany(leaves.map(([index, leaf]) => [index, unhex(leaf)]), size, hashes.map(unhex), unhex(root));
  },
};

async function answer(line) {
  const question = JSON.parse(line);
  try {
    await ASK[question.kind]({ ...question, data: new Uint8Array(Buffer.from(question.data, "base64")) });
    return "ok";
  } catch (fault) {
    if (fault instanceof Fault) return fault.code;
    console.error(`${question.kind} ${question.data.slice(0, 4000)}`);
    throw fault;
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(await answer(line));
