// Checks the evidence of a page in the browser: fetches the bundle, verifies it with the verifier's own modules against
// the log's key that was chosen here once. Only what was verified is said to be proved.

import { known, remember } from "./verify/trusted.js";
import { Fault } from "./verifier/fault.js";
import { parseVkey } from "./verifier/note.js";
import { verifyBundle } from "./verifier/verify.js";

/** One section of a page, marked `data-proof`: what is checked in it, and how that is told. */
class Proof {
  constructor(section) {
    this.section = section;
    this.words = section.dataset;
    this.form = section.querySelector(".key");
    this.evidence = null; // fetched once: what was checked can be checked again without the network
  }

  async start() {
    const { origin, vkey, noCrypto } = this.words;
    const trusted = known().find((line) => line.startsWith(`${origin}+`));
    this.form.hidden = false;
    if (trusted) this.form.elements.key.value = trusted;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const line = this.form.elements.key.value.trim();
      remember({ name: origin }, line);
      this.check(line, true);
    });
    if (globalThis.crypto?.subtle) await this.check(trusted ?? vkey, Boolean(trusted));
    else this.say("unchecked", noCrypto);
  }

  async check(line, isTrusted) {
    const { words } = this;
    this.say("checking", words.checking);
    this.section.querySelector(".proved").hidden = true;
    try {
      this.evidence ??= await this.fetchEvidence();
      const { checkpoint, statements } = await verifyBundle(this.evidence, await parseVkey(line));
      const proved = statements.find((one) => one.id === words.proof);
      if (!proved) throw new Fault("evidence-incomplete", `the evidence does not hold ${words.proof}`);
      this.show(proved, checkpoint.size, statements.length);
      this.say(isTrusted ? "good" : "unknown", isTrusted ? words.good : words.goodUnknown);
    } catch (error) {
      if (!(error instanceof Fault)) this.say("unchecked", words.noCrypto, String(error?.message ?? error));
      else if (["not-read", "contents-erased"].includes(error.code)) this.say("unchecked", error.found);
      else this.say("bad", words.bad, error.message);
    }
  }

  async fetchEvidence() {
    const answer = await fetch(`/bundles/${this.words.evidence}`).catch(() => ({ ok: false, status: 0 }));
    if (answer.status === 410) throw new Fault("contents-erased", this.words.erased);
    if (!answer.ok) throw new Fault("not-read", `${this.words.notRead} (${answer.status})`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  say(state, text, detail = "") {
    const verdict = this.section.querySelector(".found-out");
    this.section.dataset.state = state;
    verdict.textContent = text;
    if (detail) verdict.append(document.createElement("br"), detail);
  }

  show({ index, iss }, size, checked) {
    const number = new Intl.NumberFormat(document.documentElement.lang);
    const filled = {
      statements: number.format(checked),
      entry: number.format(index),
      size: number.format(size),
      signer: `…${iss.slice(-8)}`,
    };
    const proved = this.section.querySelector(".proved");
    for (const [name, text] of Object.entries(filled)) proved.querySelector(`[data-fill=${name}]`).textContent = text;
    proved.hidden = false;
  }
}

const start = () => {
  const section = document.querySelector("[data-proof]:not([data-state])");
  if (section) new Proof(section).start();
};

document.addEventListener("tally:swapped", start);
start();
