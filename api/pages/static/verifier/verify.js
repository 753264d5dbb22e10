// The verifier: check a bundle, a receipt or a statement against one public key; ask nobody, believe nothing.
//
// In the order of specs/bundle.md, and the first thing that fails is the fault that is reported. Of its step 6 only the
// rules of authority.js are run again; whether promises add up is for `tally verify`, which runs all of them.
// No module of this folder fetches, stores or shows anything.

import { Authority, checkShape } from "./authority.js";
import { decodeBundle } from "./bundle.js";
import { Fault, require } from "./fault.js";
import { KeyBook } from "./keys.js";
import { checkMany, leafHash } from "./merkle.js";
import { openCheckpoint, parseVkey } from "./note.js";
import { openReceipt } from "./receipt.js";
import { openStatement, referred } from "./statement.js";
import { sha256 } from "./bytes.js";

/**
 * Verify a bundle file against the log's key (of `parseVkey`).
 *
 * Resolves to `{scope, claim, checkpoint, statements, path}`: the claim, each statement with its index, and `path`, those
 * of them from the contract down to the claim. Throws a `Fault`, with the index of the entry where there is one.
 */
export async function verifyBundle(data, key) {
  const bundle = decodeBundle(data);
  const checkpoint = await openCheckpoint(bundle.checkpoint, key);
  const entries = await Promise.all(bundle.entries.map(([, statement]) => sha256(statement)));
  const leaves = await Promise.all(entries.map(leafHash));
  const placed = bundle.entries.map(([index], at) => [index, leaves[at]]);
  await checkMany(placed, checkpoint.size, bundle.proof, checkpoint.root);
  const statements = await openAll(bundle.entries);
  await requirePolicy(statements[0], key);
  const authority = new Authority();
  for (const one of statements) await at(one.index, () => authority.admit(one, one.index));
  const claim = statements.find((one) => one.id === bundle.claim);
  require(
    claim,
    "evidence-incomplete",
    `the statement ${bundle.claim} that the bundle is about is not in it`,
    "",
    "ask for the bundle again",
  );
  require(
    bundle.scope !== "contract" || claim.type === "framework.signed",
    "evidence-incomplete",
    `the bundle claims a whole contract, but is about a ${claim.type}`,
    "a framework.signed",
  );
  return { scope: bundle.scope, claim, checkpoint, statements, path: pathTo(claim, statements) };
}

/** Verify that a receipt is of a statement and by the log whose key this is: `{statement, receipt}`. */
export async function verifyReceipt(data, statementData, key) {
  const statement = await openStatement(statementData);
  return { statement, receipt: await openReceipt(data, statement.entry, key) };
}

async function openAll(entries) {
  const keys = new KeyBook();
  const statements = [];
  for (const [index, data] of entries) {
    const statement = await at(index, async () => {
      const one = await openStatement(data, keys);
      await checkShape(one);
      return one;
    });
    if (statement.type === "key.added") await keys.tell(statement.body.key);
    statements.push({ ...statement, index });
  }
  return statements;
}

/** Do it, and put the entry's index in front of what goes wrong. */
async function at(index, work) {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    throw new Fault(fault.code, `entry ${index}: ${fault.found}`, fault.expected, fault.hint);
  }
}

async function requirePolicy(first, key) {
  require(
    first.index === 0n,
    "evidence-incomplete",
    "entry 0, the log's policy, is not in the bundle",
    "",
    "ask for the bundle again: it says who may contract",
  );
  const named = first.type === "log.policy" ? await parseVkey(first.body.vkey) : null;
  require(
    named?.id === key.id && named.name === key.name && named.key.did === key.key.did,
    "verification-failed",
    "entry 0 is not the policy of the log whose key you brought",
    `the policy of ${key.name}`,
  );
}

/** From the contract down to the claim: all it rests on, however far, and what accepted any of that. */
function pathTo(claim, statements) {
  const byId = new Map(statements.map((one) => [one.id, one]));
  const found = new Set();
  const waiting = [claim];
  while (waiting.length) {
    const one = waiting.pop();
    if (!one || found.has(one)) continue;
    found.add(one);
    waiting.push(...[one.sub, ...referred(one)].map((id) => byId.get(id)));
  }
  const ids = new Set([...found].map((one) => one.id));
  const isAcceptance = (one) => one.type.endsWith(".accepted") && referred(one).some((id) => ids.has(id));
  return statements.filter((one) => found.has(one) || isAcceptance(one));
}
