// The page that checks a file: takes what is dropped, chosen, pasted or scanned, and says what came of it.

import { Fault } from "../verifier/fault.js";
import { parseVkey } from "../verifier/note.js";
import { openStatement } from "../verifier/statement.js";
import { verifyBundle, verifyReceipt } from "../verifier/verify.js";
import { keepLanguage, language, loadWords, t } from "../words.js";
import { bytesOfText, kindOf } from "./kinds.js";
import { savedPage } from "./save.js";
import { scan, whyNot } from "./scan.js";
import { make, tellBundle, tellFault, tellMissing, tellReceipt, tellStatement } from "./told.js";
import { forgetAll, known, remember } from "./trusted.js";

const at = (name) => document.getElementById(name);
const isSaved = "tallyWords" in globalThis;

/** What was brought: the file of each kind that came last, and the key. */
const brought = { files: [], key: null };

// The key

async function readKey() {
  const line = at("key").value.trim();
  let [key, tone, text] = [null, "good", ""];
  try {
    key = line ? await parseVkey(line) : null;
    if (key) text = t("verify.key.good", { origin: key.name });
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    [tone, text] = ["bad", `${t("verify.key.bad")} ${fault.found}`];
  }
  if (line !== at("key").value.trim()) return; // typed on meanwhile: what is there now is read by itself
  brought.key = key;
  if (key && at("remember").checked) remember(key, line);
  showKnown();
  sayOfKey(tone, text);
}

function sayOfKey(tone, text) {
  at("key-said").className = `said-here ${tone}`;
  at("key-said").textContent = text;
  at("key").setAttribute("aria-invalid", String(tone === "bad"));
}

async function takeKey(line) {
  at("key").value = line.trim();
  await readKey();
  await check();
}

function showKnown() {
  const lines = known();
  at("known-row").hidden = lines.length === 0;
  const options = lines.map((line) => new Option(line.split("+")[0], line, false, line === at("key").value.trim()));
  at("known").replaceChildren(new Option("", ""), ...options);
  at("known").value = lines.includes(at("key").value.trim()) ? at("key").value.trim() : "";
}

// The files

/** Take files in; of each kind the last one counts. A key among them goes where keys go. */
async function take(files) {
  for (const { name, data } of files) {
    let kind = "unknown";
    try {
      kind = kindOf(data);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      brought.files = [{ name, kind, data, fault }];
      continue;
    }
    if (kind === "vkey") at("key").value = new TextDecoder().decode(data).trim();
    else brought.files = [...brought.files.filter((one) => isBeside(one.kind, kind)), { name, kind, data }];
  }
  await readKey();
  await check();
}

/** A receipt and its statement are checked together; anything else alone. */
const isBeside = (one, other) => [one, other].sort().join() === "receipt,statement";

async function read(files) {
  return Promise.all(
    Array.from(files, async (file) => ({ name: file.name, data: new Uint8Array(await file.arrayBuffer()) })),
  );
}

// The check

async function check() {
  listFiles();
  if (brought.files.length === 0) return;
  const outcome = at("outcome");
  outcome.setAttribute("aria-busy", "true");
  const started = performance.now();
  const told = await answer();
  outcome.replaceChildren(...told);
  outcome.dataset.milliseconds = String(Math.round(performance.now() - started));
  outcome.removeAttribute("aria-busy");
  if (outcome.getBoundingClientRect().top > innerHeight / 2) outcome.scrollIntoView();
}

async function answer() {
  const of = (kind) => brought.files.find((one) => one.kind === kind);
  const [bundle, receipt, statement, unknown] = ["bundle", "receipt", "statement", "unknown"].map(of);
  try {
    if (unknown) throw unknown.fault;
    if (receipt && !statement) return tellMissing("verify.missing.statement");
    if ((bundle || receipt) && !brought.key) return tellMissing("verify.missing.key");
    if (bundle) return tellBundle(await verifyBundle(bundle.data, brought.key));
    if (receipt) return tellReceipt(await verifyReceipt(receipt.data, statement.data, brought.key));
    return tellStatement(await openStatement(statement.data));
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return tellFault(fault);
  }
}

function listFiles() {
  at("listed").hidden = brought.files.length === 0;
  const rows = brought.files.map(({ name, kind, data }) =>
    make("li", {}, make("span", {}, name), make("span", { class: "muted" }, `${t(`verify.kind.${kind}`)}, ${data.length} B`)),
  );
  at("listed").replaceChildren(...rows);
}

// What the reader does

function listen() {
  at("form").addEventListener("submit", (event) => event.preventDefault());
  at("key").addEventListener("input", async () => {
    await readKey();
    await check();
  });
  at("remember").addEventListener("change", readKey);
  at("known").addEventListener("change", () => takeKey(at("known").value));
  at("forget").addEventListener("click", () => {
    forgetAll();
    at("remember").checked = false;
    showKnown();
  });
  at("key-file-button").addEventListener("click", () => at("key-file").click());
  at("key-file").addEventListener("change", async (event) => takeKey(await event.target.files[0].text()));
  at("files").addEventListener("change", async (event) => take(await read(event.target.files)));
  at("paste").addEventListener("click", takePasted);
  at("scan").addEventListener("click", scanCode);
  at("save").addEventListener("click", save);
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.addEventListener("click", () => choose(button.dataset.lang));
  }
  listenToDrops(at("drop"));
}

/** A file may be dropped anywhere on the page; the frame only shows where it is meant to go. */
function listenToDrops(frame) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    frame.classList.toggle("over", isOver);
  };
  document.addEventListener("dragover", over(true));
  document.addEventListener("dragleave", over(false));
  document.addEventListener("drop", async (event) => {
    over(false)(event);
    take(await read(event.dataTransfer.files));
  });
}

async function takePasted() {
  try {
    await take([{ name: t("verify.paste.name"), data: bytesOfText(at("pasted").value) }]);
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    at("outcome").replaceChildren(...tellFault(fault));
  }
}

let scanning = null;

async function scanCode() {
  if (scanning) return scanning.abort();
  const reason = await whyNot();
  if (reason) return sayOfScan(t(reason));
  scanning = new AbortController();
  at("scan").textContent = t("verify.scan.stop");
  try {
    const code = await scan(at("camera"), scanning.signal);
    if (code) await takeCode(code);
  } catch (error) {
    sayOfScan(`${t("verify.scan.no-camera")} (${error.name})`);
  } finally {
    scanning = null;
    at("scan").textContent = t("verify.scan.start");
  }
}

/** A key goes to the keys, an address is shown and not followed, bytes are checked. */
async function takeCode(code) {
  if (/^https?:/.test(code)) return sayOfScan(t("verify.scan.address"), make("a", { href: code, class: "long" }, code));
  sayOfScan(t("verify.scan.read"));
  at("pasted").value = code;
  await takePasted();
}

function sayOfScan(...content) {
  at("scan-said").replaceChildren(content[0], ...content.slice(1).flatMap((one) => [" ", one]));
}

async function save() {
  try {
    const { saved, digest } = await savedPage();
    const link = make("a", { href: URL.createObjectURL(new Blob([saved], { type: "text/html" })), download: "tally-verify.html" });
    link.click();
    URL.revokeObjectURL(link.href);
    at("save-said").textContent = t("verify.save.done", { digest });
  } catch (error) {
    at("save-said").textContent = `${t("verify.save.failed")} ${error.message}`;
  }
}

function showLanguage() {
  document.title = `${t("verify.title")} · Tallystick`;
  for (const button of document.querySelectorAll("[data-lang]")) {
    if (button.dataset.lang === language()) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

async function choose(code) {
  keepLanguage(code);
  showLanguage();
  await readKey();
  await check();
}

await loadWords();
showLanguage();
if (isSaved) for (const element of [at("save-step"), document.querySelector(".top nav")]) element.hidden = true;
if (!globalThis.crypto?.subtle) at("outcome").replaceChildren(...tellMissing("verify.missing.crypto"));
const [first] = known();
if (first) at("key").value = first;
at("remember").checked = Boolean(first);
await readKey();
listen();
document.documentElement.dataset.ready = "true";
