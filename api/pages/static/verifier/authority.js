// Who may sign: the part of the rules (specs/rules.md) that is run again here, over the statements of a bundle alone.
//
// R01 policy-place, R02 policy-key, R03 policy-limits, R04 enrolled, R05 enrols-once, R06 subject, R07
// reference-registered, R09 agency, R22 key-valid; and of R10 and R23 who may add or revoke a key, recovery parties
// included. Whether what is promised adds up, and who may say what under a contract, is for `tally verify`.
//
// A rule that says that something is missing is `evidence-incomplete`; any other that is broken is `rule-broken`: the
// log registered what its rules forbid. As ledger/rules/identity.py.

import { hex } from "./bytes.js";
import { Fault, require } from "./fault.js";
import { isObject } from "./json.js";
import { parseDidKey } from "./keys.js";
import { parseVkey } from "./note.js";
import { STATEMENT_BYTES } from "./limits.js";
import { referred } from "./statement.js";

const ABOUT_SIGNER = new Set(["log.policy", "party.enrolled", "specification.published", "framework.signed"]);
const ABOUT_PARTY = new Set(["key.added", "key.revoked"]);
const FIRST_KEY_ONLY = new Set(["log.policy", "party.enrolled"]);

/** Throw `malformed-event` unless what these rules read of a statement's body has its shape. */
export async function checkShape({ type, body, refs }) {
  const shape = (holds, what) => require(holds, "malformed-event", `a ${type} without ${what}`, "the event of specs/events.md");
  const isText = (value) => typeof value === "string";
  if (type === "log.policy") {
    shape(isText(body.origin) && isText(body.vkey), "an origin and a vkey");
    shape(Array.isArray(body.agencies) && body.agencies.every(isText), "agencies");
    const most = body.limits?.statement_bytes ?? STATEMENT_BYTES;
    shape(typeof most === "number" && most >= 1024 && most <= STATEMENT_BYTES, "limits");
  }
  if (type === "party.enrolled" && (body.recovery ?? null) !== null) {
    const { parties, needed } = isObject(body.recovery) ? body.recovery : {};
    shape(Array.isArray(parties) && parties.every(isText) && typeof needed === "number", "readable recovery parties");
  }
  if (ABOUT_PARTY.has(type)) {
    shape(isText(body.key) && isText(refs.party), "a key and its party");
    await asEvent(parseDidKey(body.key));
  }
}

async function asEvent(reading) {
  try {
    return await reading;
  } catch (fault) {
    if (fault instanceof Fault) throw new Fault("malformed-event", fault.found, fault.expected, fault.hint);
    throw fault;
  }
}

/** The state these rules need, folded from entry 0 on. */
export class Authority {
  constructor() {
    this.policy = null;
    this.parties = new Map(); // party id -> {statement, keys: Map of kid in hex -> {revokedBy}, recovery, approvals}
    this.types = new Map(); // id of each statement admitted -> its type
  }

  /** Admit a statement at its index, or throw `rule-broken` or `evidence-incomplete`. */
  async admit(statement, index) {
    const isPolicy = statement.type === "log.policy";
    broken(isPolicy === (index === 0n), "R01 policy-place", `a ${statement.type} at index ${index}`);
    if (!isPolicy) {
      const { length } = statement.data;
      broken(length <= this.policy.statementBytes, "R03 policy-limits", `a statement of ${length} bytes`);
    }
    await this.keyValid(statement);
    this.subject(statement);
    this.references(statement);
    await this.effect(statement);
    this.types.set(statement.id, statement.type);
  }

  async keyValid({ type, iss, kid }) {
    if (FIRST_KEY_ONLY.has(type)) {
      const first = await parseDidKey(iss);
      broken(hex(first.kid) === hex(kid), "R22 key-valid", `a ${type} that is not signed with the first key of ${iss}`);
      return;
    }
    const party = this.parties.get(iss);
    missing(party, `R04 enrolled: ${iss} has not enrolled`, "its party.enrolled before this statement");
    const key = party.keys.get(hex(kid));
    missing(key, `R22 key-valid: signed with key ${hex(kid)}, which is none of ${iss}`, "the key.added before this statement");
    broken(!key.revokedBy, "R22 key-valid", `signed with a key of ${iss} that ${key.revokedBy} revoked before`);
  }

  subject({ type, iss, sub }) {
    if (ABOUT_SIGNER.has(type)) broken(sub === iss, "R06 subject", `the subject of a ${type} is ${sub}, not its signer`);
    if (ABOUT_PARTY.has(type)) broken(sub.startsWith("did:"), "R06 subject", `the subject of a ${type} is no party`);
  }

  references(statement) {
    const { sub, type } = statement;
    const isAboutContract = !sub.startsWith("did:");
    for (const id of [...(isAboutContract ? [sub] : []), ...referred(statement)]) {
      missing(this.types.has(id), `R07 reference-registered: it rests on ${id}`, "that statement, before this one");
    }
    if (isAboutContract) broken(this.types.get(sub) === "framework.signed", "R06 subject", `the subject of a ${type} is no contract`);
  }

  async effect(statement) {
    const { type, iss, id } = statement;
    if (type === "log.policy") await this.enactPolicy(statement);
    if (type === "party.enrolled") this.enrol(statement);
    if (ABOUT_PARTY.has(type)) await this.changeKeys(statement);
    if (type === "framework.signed") {
      broken(this.policy.agencies.includes(iss), "R09 agency", `${iss} opens the contract ${id}`);
    }
  }

  async enactPolicy({ iss, body }) {
    const vkey = await parseVkey(body.vkey).catch((fault) => broken(false, "R02 policy-key", `its vkey cannot be read: ${fault.message}`));
    broken(
      vkey.name === body.origin && vkey.key.did === iss,
      "R02 policy-key",
      `the vkey is of ${vkey.name}, key ${vkey.key.did}`,
    );
    this.policy = { agencies: body.agencies, statementBytes: body.limits?.statement_bytes ?? STATEMENT_BYTES };
  }

  enrol({ iss, id, kid, body }) {
    broken(!this.parties.has(iss), "R05 enrols-once", `${iss} has enrolled already`);
    this.parties.set(iss, {
      statement: id,
      keys: new Map([[hex(kid), {}]]),
      recovery: body.recovery?.parties ?? [],
      needed: body.recovery?.needed ?? 0,
      approvals: [],
    });
  }

  /** R10 and R23: at once where the party itself signs, else when enough of its recovery parties have said the same. */
  async changeKeys({ type, iss, sub, id, refs, body }) {
    const party = this.parties.get(sub);
    broken(party?.statement === refs.party, "R08 reference-fits", `${refs.party} is not the enrolment of ${sub}`);
    broken(iss === sub || party.recovery.includes(iss), "R10 signer", `${iss} signed this ${type} of ${sub}`);
    const kid = hex((await parseDidKey(body.key)).kid);
    const known = party.keys.get(kid);
    if (type === "key.added") broken(!known, "R23 key-once", `${sub} has had the key ${kid} before`);
    else {
      missing(known, `R23 key-once: the key ${kid} is none of ${sub}`, "the key.added before this statement");
      broken(!known.revokedBy, "R23 key-once", `the key ${kid} has been revoked already`);
    }
    if (!this.isDecided(party, { type, kid, iss, why: [body.reason, refs.last_good ?? null].join() }, sub)) return;
    if (type === "key.added") party.keys.set(kid, {});
    else known.revokedBy = id;
  }

  isDecided(party, word, sub) {
    const isSame = (one) => one.type === word.type && one.kid === word.kid;
    if (word.iss !== sub) {
      const agreed = party.approvals.filter((one) => isSame(one) && one.why === word.why);
      broken(!agreed.some((one) => one.iss === word.iss), "R23 key-once", `${word.iss} has said so already`);
      if (agreed.length + 1 < party.needed) {
        party.approvals.push(word);
        return false;
      }
    }
    party.approvals = party.approvals.filter((one) => !isSame(one));
    return true;
  }
}

function broken(holds, rule, found) {
  require(
    holds,
    "rule-broken",
    `breaks rule ${rule}: ${found}`,
    "",
    "the log registered what its rules forbid: keep this file as evidence",
  );
}

const missing = (holds, found, expected) =>
  require(holds, "evidence-incomplete", found, expected, "the bundle lacks a statement: ask for it again");
