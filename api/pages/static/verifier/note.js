// Signed notes, verifier keys and checkpoints (specs/log.md sections 7 and 8). As ledger/proof/note.py and checkpoint.py.

import { base64, bytesOf, equal, hex, utf8 } from "./bytes.js";
import { EMPTY_ROOT } from "./merkle.js";
import { Fault, require, shown } from "./fault.js";
import { checkSignature, ed25519Key, noteKeyId } from "./keys.js";
import { NOTE_BYTES, NOTE_SIGNATURES, TREE_SIZE_MAX } from "./limits.js";

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const SPACE = /[\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\n]/;
const SIZE = /^(0|[1-9][0-9]{0,18})$/;

/** Read a verifier key line, `<name>+<id>+<base64>`. Throws `malformed-note`, `malformed-key`. */
export async function parseVkey(text) {
  const [name, keyId] = text.split("+", 2);
  const encoded = text.split("+").slice(2).join("+"); // base64 may hold further plus signs
  const material = canonical(encoded, "the verifier key");
  malformed(
    material[0] === ED25519,
    () => `${shown(text)} is a verifier key of type 0x${hex(material.subarray(0, 1))}`,
    "type 0x01 (Ed25519), the one type that signs checkpoints here",
  );
  const key = await ed25519Key(material.subarray(1));
  requireName(name);
  const id = hex(await noteKeyId(name, material));
  malformed(
    id === keyId,
    () => `${shown(text)} carries the key id ${shown(keyId, 8)}`,
    `${id}, which follows from its name and key`,
    "the line was altered or mistyped: get it from the log's operator again",
  );
  return { name, id, key };
}

/**
 * Verify a note against the keys known to the caller (of `parseVkey`), and answer its text.
 *
 * Lines by other keys prove nothing; a wrong one by a known key rejects the note. Throws `too-large`, `malformed-note`,
 * `signature-invalid`, `key-unknown`.
 */
export async function openNote(data, keys) {
  const { text, signatures } = split(data);
  let verified = 0;
  for (const { name, id, signature } of signatures) {
    const known = keys.find((key) => key.name === name && key.id === id);
    if (!known) continue;
    await checkNoteSignature(known, text, signature);
    verified += 1;
  }
  require(
    verified,
    "key-unknown",
    () => `the note is signed by ${signatures.slice(0, 3).map(label).join(", ")} only`,
    keys.map(label).join(" or "),
    "check that this is the right log, and its key the right one",
  );
  return text;
}

/** Verify the log's signature on a checkpoint and read it: `{origin, size, root}`, the size a BigInt. */
export async function openCheckpoint(note, key) {
  const checkpoint = parseCheckpoint(await openNote(note, [key]));
  require(
    checkpoint.origin === key.name,
    "proof-invalid",
    () => `a checkpoint of the log ${shown(checkpoint.origin)}`,
    `of ${key.name}, in whose name it is signed`,
    "two logs never share a key name: this checkpoint is no evidence for either",
  );
  return checkpoint;
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  const isWhole = lines.length > 3 && lines.pop() === "" && lines.every(Boolean);
  malformed(isWhole, "a checkpoint with too few lines, or an empty one", "origin, size and root, each on a line of its own");
  const [origin, digits, encoded] = lines;
  malformed(SIZE.test(digits), () => `${shown(digits, 40)} is not a size`, "decimal digits without a leading zero, below 2^63");
  const [size, root] = [BigInt(digits), canonical(encoded, "the root")];
  malformed(size <= TREE_SIZE_MAX, `a checkpoint of size ${digits}`, "0 to 2^63 - 1");
  malformed(root.length === 32, `a root of ${root.length} bytes`, "32");
  malformed(size > 0n || equal(root, EMPTY_ROOT), "a checkpoint of size 0 with a root", "SHA-256 of nothing");
  return { origin, size, root };
}

/** The text and the signature lines of a note, in their order. */
function split(data) {
  require(data.length <= NOTE_BYTES, "too-large", `a note of ${data.length} bytes`, `at most ${NOTE_BYTES}`);
  const note = utf8(data);
  malformed(note !== null, "a note with a broken byte", "UTF-8");
  requireText(note);
  const end = note.lastIndexOf("\n\n");
  malformed(
    end >= 0 && note.length > end + 2 && note.endsWith("\n"),
    "a note without an empty line and whole signature lines after it",
    "text, an empty line, signature lines, each line ended by a newline",
  );
  const lines = note.slice(end + 2, -1).split("\n");
  require(lines.length <= NOTE_SIGNATURES, "too-large", `a note with ${lines.length} signatures`, `at most ${NOTE_SIGNATURES}`);
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line) {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  malformed(name, () => `${shown(line)} is not a signature line`, "em dash, space, key name, space, base64");
  requireName(name);
  const data = canonical(encoded, "the signature");
  malformed(data.length > KEY_ID_BYTES, `a signature of ${data.length} bytes`, "a key id of 4 bytes and more");
  return { name, id: hex(data.subarray(0, KEY_ID_BYTES)), signature: data.subarray(KEY_ID_BYTES) };
}

async function checkNoteSignature(known, text, signature) {
  try {
    await checkSignature(known.key, bytesOf(text), signature);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    throw new Fault(
      "signature-invalid",
      `the signature of ${label(known)} does not fit the note's text`,
      "",
      "the text or the signature was altered, or another key has this name and id",
    );
  }
}

const label = ({ name, id }) => `${shown(name)} ${id}`;

function canonical(text, what) {
  const data = base64(text);
  malformed(data, () => `${what} ${shown(text)} is not canonical base64`, "RFC 4648 section 4");
  return data;
}

function requireText(text) {
  malformed(text.isWellFormed(), "a lone surrogate in a note", "text that UTF-8 can carry");
  malformed(!CONTROL.test(text), "a control character in a note", "newlines only");
}

function requireName(name) {
  requireText(name);
  malformed(
    name && !name.includes("+") && !SPACE.test(name),
    () => `${shown(name)} is not the name of a key`,
    "not empty, no space, no plus sign",
  );
}

const malformed = (holds, found, expected, hint) => require(holds, "malformed-note", found, expected, hint);
