// What came of a check, in words: the verdict, what is proved, what is not, and the statements behind it.

import { hex } from "../verifier/bytes.js";
import { count, hasWord, instant, moment, number, t } from "../words.js";

/** An element with its attributes and content; text is never markup. */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value) element.setAttribute(key, value);
  element.append(...content.filter((one) => one !== null));
  return element;
}

/** A bundle that verified: see `verifyBundle`. */
export function tellBundle({ scope, claim, checkpoint, statements, path }) {
  const names = namesIn(statements);
  const keys = new Set(statements.map(({ kid }) => hex(kid))).size;
  const values = { origin: checkpoint.origin, size: number(checkpoint.size), keys: count("verify.keys", keys) };
  return [
    verdict("good", t("verify.good.bundle"), `${t(`verify.about.${scope}`, { type: typeOf(claim) })} ${t("verify.not-run.short")}`),
    facts([
      [t("verify.fact.claim"), typeOf(claim)],
      [t("verify.fact.signer"), signer(claim, names)],
      [t("verify.fact.when"), moment(claim.occurredAt)],
      [t("verify.fact.entry"), t("verify.entry-of", { entry: number(claim.index), size: values.size })],
      [t("verify.fact.log"), checkpoint.origin],
      [t("verify.fact.id"), id(claim.id)],
    ]),
    contents(claim),
    heading(t("verify.proved")),
    list("ticks", [
      count("verify.proved.placed", statements.length, values),
      t("verify.proved.signed", values),
      t("verify.proved.refs"),
    ]),
    heading(t("verify.not-run")),
    list("gaps", [t("verify.not-run.rules")]),
    heading(t("verify.not-proved")),
    list("gaps", [
      t(`verify.not-proved.${scope}`),
      ...["after", "goods", "people", "same"].map((one) => t(`verify.not-proved.${one}`)),
    ]),
    heading(t("verify.path")),
    steps(path, claim, names),
    details(count("verify.all", statements.length), table(statements, names)),
  ];
}

/** A receipt with its statement that verified: see `verifyReceipt`. */
export function tellReceipt({ statement, receipt }) {
  const values = { origin: receipt.origin, entry: number(receipt.index), size: number(receipt.size) };
  return [
    verdict("good", t("verify.good.receipt"), t("verify.about.receipt", { type: typeOf(statement) })),
    statementFacts(statement, [
      [t("verify.fact.entry"), t("verify.entry-of", values)],
      [t("verify.fact.registered"), instant(receipt.registeredAt)],
      [t("verify.fact.log"), receipt.origin],
    ]),
    heading(t("verify.proved")),
    list("ticks", [t("verify.proved.receipt", values), t("verify.proved.statement")]),
    heading(t("verify.not-proved")),
    list("gaps", ["clock", "rules", "goods", "people"].map((one) => t(`verify.not-proved.${one}`))),
    contents(statement),
  ];
}

/** A statement alone, well signed by its party's first key. */
export function tellStatement(statement) {
  return [
    verdict("warning", t("verify.good.statement"), t("verify.about.alone")),
    statementFacts(statement, []),
    heading(t("verify.proved")),
    list("ticks", [t("verify.proved.statement")]),
    heading(t("verify.not-proved")),
    list("gaps", ["registered", "rules", "goods", "people"].map((one) => t(`verify.not-proved.${one}`))),
    contents(statement),
  ];
}

/** What failed, by its code, with what was found, expected and to be done. */
export function tellFault({ code, found, expected, hint }) {
  const wordsOf = hasWord(`fault.${code}`) ? `fault.${code}` : "fault.malformed";
  return [
    verdict("critical", t("verify.bad"), t(wordsOf)),
    facts(
      [
        [t("verify.fact.code"), make("code", {}, code)],
        [t("verify.fact.found"), said(found)],
        [t("verify.fact.expected"), said(expected)],
        [t("verify.fact.hint"), said(hint)],
      ].filter(([, text]) => text),
    ),
  ];
}

export const tellMissing = (key, values) => [verdict("warning", t("verify.missing"), t(key, values))];

const heading = (text) => make("h3", {}, text);
const verdict = (tone, title, text) => make("div", { class: `verdict ${tone}` }, make("h2", {}, title), make("p", {}, text));
const list = (kind, texts) => make("ul", { class: kind }, ...texts.map((text) => make("li", {}, text)));
const details = (title, ...content) => make("details", {}, make("summary", {}, title), ...content);
const id = (text) => make("span", { class: "id" }, text);

/** English of the verifier itself, marked so for a reader in another language. */
const said = (text) => text && make("span", { lang: "en", class: "long" }, text);

function facts(pairs) {
  const rows = pairs.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value)));
  return make("dl", { class: "facts" }, ...rows);
}

function statementFacts(statement, more) {
  return facts([
    [t("verify.fact.claim"), typeOf(statement)],
    [t("verify.fact.signer"), signer(statement, new Map())],
    [t("verify.fact.when"), moment(statement.occurredAt)],
    ...more,
    [t("verify.fact.id"), id(statement.id)],
  ]);
}

const contents = ({ body, refs }) =>
  details(t("verify.contents"), make("pre", { tabindex: "0" }, JSON.stringify({ refs, body }, null, 2)));

const typeOf = ({ type }) => (hasWord(`event.${type}`) ? t(`event.${type}`) : type);

/** Party -> the name it gave itself, where it did so in the clear. */
function namesIn(statements) {
  const enrolled = statements.filter(({ type, body }) => type === "party.enrolled" && typeof body.name === "string");
  return new Map(enrolled.map(({ iss, body }) => [iss, body.name]));
}

function signer({ iss, key }, names) {
  const name = names.get(iss);
  const party = id(iss);
  const kind = key.did === iss ? key.kind : t("verify.added-key", { kind: key.kind });
  return make("span", {}, name ? `${name} · ` : "", party, ` (${kind})`);
}

/** What tells one statement from another of its type, where it has a name of its own. */
function nameOf({ body }) {
  return [body.reference, body.lot, body.waybill, body.name, body.device].find((one) => typeof one === "string") ?? "";
}

function steps(path, claim, names) {
  const items = path.map((one) => {
    const party = names.get(one.iss) ?? `…${one.iss.slice(-8)}`;
    const line = `${party}, ${moment(one.occurredAt)}, ${t("verify.entry", { entry: number(one.index) })}`;
    const title = make("b", {}, typeOf(one));
    const name = nameOf(one);
    return make(
      "li",
      { class: one.id === claim.id && "claim" },
      title,
      name ? ` ${name}` : "",
      make("span", { class: "said" }, line, " ", id(one.id.slice(0, 12))),
    );
  });
  return make("ol", { class: "steps" }, ...items);
}

function table(statements, names) {
  const heads = ["entry", "type", "signer", "when", "id"].map((one) => make("th", { scope: "col" }, t(`verify.column.${one}`)));
  const rows = statements.map((one) =>
    make(
      "tr",
      {},
      make("td", { class: "n" }, number(one.index)),
      make("th", { scope: "row" }, typeOf(one), nameOf(one) ? ` ${nameOf(one)}` : ""),
      make("td", {}, names.get(one.iss) ?? `…${one.iss.slice(-8)}`),
      make("td", {}, moment(one.occurredAt)),
      make("td", { class: "id" }, one.id.slice(0, 12)),
    ),
  );
  const whole = make("table", { class: "dense" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("verify.statements") }, whole);
}
