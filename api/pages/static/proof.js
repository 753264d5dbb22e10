// Checks the evidence of a page in the browser: fetches the bundle, verifies it with the verifier's own modules against
// the log's key that was chosen here once. Only what was verified is said to be proved.

import { known, remember } from "./verify/trusted.js";
import { Fault } from "./verifier/fault.js";
import { parseVkey } from "./verifier/note.js";
import { verifyBundle, verifyReceipt } from "./verifier/verify.js";

const EVIDENCE = { bundle: ["/bundles/"], receipt: ["/entries/", "/statements/"] };

/** What evidence proves: of which statement, where it stands, and how many statements were checked for it. */
const VERIFY = {
  async bundle([data], key) {
    const { claim, checkpoint, statements } = await verifyBundle(data, key);
    return { id: claim.id, index: claim.index, size: checkpoint.size, signer: claim.iss, statements: statements.length };
  },
  async receipt([data, statementData], key) {
    const { statement, receipt } = await verifyReceipt(data, statementData, key);
    return { id: statement.id, index: receipt.index, size: receipt.size, signer: statement.iss, statements: 1 };
  },
};

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
      const proved = await VERIFY[words.by](this.evidence, await parseVkey(line));
      if (proved.id !== words.proof) throw new Fault("other-claim", `the evidence is about ${proved.id}`);
      this.show(proved);
      this.say(isTrusted ? "good" : "unknown", isTrusted ? words.good : words.goodUnknown);
    } catch (error) {
      if (!(error instanceof Fault)) this.say("unchecked", words.noCrypto, String(error?.message ?? error));
      else if (["not-read", "contents-erased"].includes(error.code)) this.say("unchecked", error.found);
      else this.say("bad", words.bad, error.message);
    }
  }

  fetchEvidence() {
    return Promise.all(EVIDENCE[this.words.by].map((path) => this.fetchBytes(`${path}${this.words.proof}`)));
  }

  async fetchBytes(address) {
    const answer = await fetch(address).catch(() => ({ ok: false, status: 0 }));
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

  show({ statements, index, size, signer }) {
    const number = new Intl.NumberFormat(document.documentElement.lang);
    const filled = {
      statements: number.format(statements),
      entry: number.format(index),
      size: number.format(size),
      signer: `…${signer.slice(-8)}`,
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
