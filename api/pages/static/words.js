// What pages say, in the reader's language: words/<language>.json, one flat object of key to text. `{name}` in a text is a
// value; of two forms, `.one` is for one thing and `.many` for all others. Elements name their word in the page itself:
// data-t="key" for the text, data-t-label="key" for the aria-label. Whatever a statement says stays as it was said.

const LANGUAGES = ["en", "es", "fr"];
const KEPT = "tally-lang"; // the cookie of all pages: what is chosen on one is spoken by the others
const YEAR_S = 365 * 86_400;

let all = {};
let chosen = "en";

/** Read every language at once, so that changing it later asks for nothing; then speak the reader's. */
export async function loadWords() {
  all = globalThis.tallyWords ?? Object.fromEntries(await Promise.all(LANGUAGES.map(fetched)));
  speak([kept(), ...navigator.languages.map((tag) => tag.slice(0, 2))].find((code) => LANGUAGES.includes(code)) ?? "en");
}

async function fetched(code) {
  const answer = await fetch(new URL(`words/${code}.json`, import.meta.url));
  return [code, await answer.json()];
}

/** The words of every language, to carry along in a saved page. */
export const allWords = () => all;

export const language = () => chosen;

/** Change the language, and every element that names a word. */
export function speak(code) {
  chosen = code;
  document.documentElement.lang = code;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
}

/** Speak it from now on, on every page of this server. A saved page has nowhere to keep it. */
export function keepLanguage(code) {
  speak(code);
  document.cookie = `${KEPT}=${code}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

function kept() {
  return document.cookie.split("; ").find((one) => one.startsWith(`${KEPT}=`))?.slice(KEPT.length + 1);
}

/** A word with its values; the key itself where there is none, so that a gap is seen. */
export function t(key, values = {}) {
  const text = all[chosen]?.[key] ?? all.en?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export const hasWord = (key) => key in (all.en ?? {});

/** So many of something, in its number's form. */
export function count(key, n, values = {}) {
  const isOne = n === 1 || (n === 0 && chosen === "fr");
  return t(`${key}.${isOne ? "one" : "many"}`, { ...values, n: number(n) });
}

export const number = (value) => new Intl.NumberFormat(chosen).format(value);

/** A moment as its signer wrote it, RFC 3339 with an offset, in that offset; other text as it is. */
export function moment(text) {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const shown = match && new Date(`${match[1]}Z`);
  if (!shown || Number.isNaN(shown.getTime())) return text;
  const said = new Intl.DateTimeFormat(chosen === "en" ? "en-GB" : chosen, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(shown);
  return `${said} UTC${match[2] === "Z" ? "" : match[2]}`;
}

export const instant = (seconds) => moment(new Date(seconds * 1000).toISOString());
