// Checks the evidence of a page in the browser: fetches the bundle, verifies it with the verifier's own modules against
// the log's key that was chosen here once. Only what was verified is said to be proved.

import { recall, remember } from "./trusted.js";
import { Fault } from "./verifier/fault.js";
import { parseVkey } from "./verifier/note.js";
import { verifyBundle } from "./verifier/verify.js";

const section = document.querySelector("[data-proof]");
const verdict = section.querySelector(".verdict");
const proved = section.querySelector(".proved");
const form = section.querySelector(".key");
const words = section.dataset;
let evidence = null;

function say(kind, text, detail = "") {
  section.dataset.state = kind;
  verdict.textContent = text;
  if (detail) verdict.append(document.createElement("br"), detail);
}

function show({ claim, checkpoint, statements }) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const filled = {
    statements: number.format(statements.length),
    entry: number.format(claim.index),
    size: number.format(checkpoint.size),
    signer: `…${claim.iss.slice(-8)}`,
  };
  for (const [name, text] of Object.entries(filled)) proved.querySelector(`[data-fill=${name}]`).textContent = text;
  proved.hidden = false;
}

/** The bundle, fetched once: what was checked can be checked again without the network. */
async function fetchEvidence() {
  const answer = await fetch(`/bundles/${words.proof}`);
  if (answer.status === 410) throw new Fault("contents-erased", words.erased);
  if (!answer.ok) throw new Fault("not-read", `${words.notRead} (${answer.status})`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function check(line, isTrusted) {
  say("checking", words.checking);
  proved.hidden = true;
  try {
    evidence ??= await fetchEvidence();
    const result = await verifyBundle(evidence, await parseVkey(line));
    if (result.claim.id !== words.proof) throw new Fault("other-claim", `the evidence is about ${result.claim.id}`);
    show(result);
    if (isTrusted) say("good", words.good);
    else say("unknown", words.goodUnknown);
  } catch (error) {
    if (!(error instanceof Fault)) say("unchecked", words.noCrypto, String(error.message ?? error));
    else if (["not-read", "contents-erased"].includes(error.code)) say("unchecked", error.found);
    else say("bad", words.bad, error.message);
  }
}

async function start() {
  const trusted = recall(words.origin);
  form.hidden = false;
  if (trusted) form.elements.key.value = trusted;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = form.elements.key.value.trim();
    remember(words.origin, line);
    await check(line, true);
  });
  if (!globalThis.crypto?.subtle) return say("unchecked", words.noCrypto);
  await check(trusted ?? words.vkey, Boolean(trusted));
}

await start();
