"""The offline verifier: check a bundle against one public key, ask nobody, believe nothing.

In this order, and the first thing that fails is the fault that is reported:

1. the file reads as a bundle (specs/bundle.md);
2. its checkpoint is signed by the log key the verifier brought;
3. every statement is in the tree of that checkpoint, at its index (one multiproof);
4. entry 0 is there: the policy of that very log;
5. every statement is well-formed and signed by the key it names: its issuer's first, or one added before it;
6. the rules, re-run from nothing over these statements in the order of the log, admit every one of them;
7. the claim is among them, and everything it rests on.

This file imports no store, opens no file and no socket, and reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from ledger.audit.bundle import Bundle, Scope, decode_bundle
from ledger.bulk import uncollected
from ledger.errors import EvidenceIncomplete, Refused, RuleBroken, TallyError, VerificationFailed
from ledger.events.base import Event, Recorded
from ledger.events.opened import Opened, learn, open_kept
from ledger.events.party import LogPolicy
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.merkle import leaf_hash
from ledger.proof.multiproof import check_many
from ledger.proof.note import VerifierKey, parse_vkey
from ledger.rules.admit import fold
from ledger.rules.catalogue import Odd
from ledger.rules.findings import Finding, findings_in
from ledger.rules.findings.signatures import Link, chain_findings, key_findings
from ledger.rules.refusal import short_id
from ledger.rules.situation import Situation
from ledger.rules.state import MemoryState
from ledger.statement.keybook import KeyBook
from ledger.trace.up import PathStep, situation_around, trace_up
from ledger.units import LeafIndex, PartyId, StatementId


@dataclass(frozen=True, slots=True)
class Verified:
    """What a bundle proves. Made only by `verify_bundle`."""

    scope: Scope
    claim: StatementId
    claim_type: str
    claim_index: LeafIndex
    signer: PartyId
    checkpoint: Checkpoint
    contract: StatementId | None
    """None when the claim is about a party, not a contract."""
    statements: tuple[Opened, ...]
    state: MemoryState
    situation: Situation | None
    """The contract as these statements alone have it; of a statement, the part of it that it stands in."""
    path: tuple[PathStep, ...]
    findings: tuple[Finding, ...]

    def proved(self) -> tuple[str, ...]:
        """What is proved, in plain words."""
        keys = len({one.statement.kid for one in self.statements})
        said = [
            f"{len(self.statements)} statements stand in the log {self.checkpoint.origin}, at their places among "
            f"its first {self.checkpoint.size} entries, by a checkpoint signed with the log's key.",
            f"Each of them is unchanged since it was signed, by one of {keys} keys, each a key that the party named "
            "had at that place.",
            "Each was within its signer's authority when it was registered: the rules were run again here, over "
            "these statements alone.",
        ]
        if self.scope == "contract":
            said.append(
                "With these statements no promise goes beyond what was promised above it, at any level."
            )
        elif self.contract is not None:
            said.append("The claim rests, step by step, on the contract: the path below is complete.")
        return tuple(said)

    def not_proved(self) -> tuple[str, ...]:
        """What no bundle of this kind can prove, in plain words."""
        missing = (
            "That nothing was left out: the log may hold further statements under this contract."
            if self.scope == "contract"
            else "That nothing else was registered: other allocations, lots or receipts may exist beside this path. "
            "Ask for the whole contract's bundle to check the sums."
        )
        return (
            missing,
            "What happened since this checkpoint was signed.",
            "That the goods are as stated: a signature says who says it, not that it is so.",
            "Who the people behind the keys are, beyond the names they gave themselves.",
            "That the log showed everybody this same checkpoint: compare it with another holder's.",
        )


@uncollected()
def verify_bundle(data: bytes, key: VerifierKey) -> Verified:
    """Verify a bundle file against the log's public key.

    Raises `MalformedBundle` and other `Malformed`, `SignatureInvalid`, `KeyUnknown`, `ProofInvalid`,
    `EvidenceIncomplete`, `RuleBroken`.
    """
    bundle = decode_bundle(data)
    checkpoint = open_checkpoint(bundle.checkpoint, key)
    opened = _open_all(bundle, checkpoint)
    _require_policy(bundle, opened, key)
    state = MemoryState()
    places: dict[StatementId, tuple[LeafIndex, Opened]] = {}
    for (index, _), one in zip(bundle.entries, opened, strict=True):
        _admit(state, one.at(index))
        places[one.id] = (index, one)
    if bundle.claim not in places:
        raise EvidenceIncomplete(
            f"the statement {short_id(bundle.claim)} that the bundle is about is not in it",
            hint="ask for the bundle again",
        )
    index, claim = places[bundle.claim]
    _right_scope(bundle, claim)
    known = state.known(bundle.claim)
    at = situation_around(state, bundle.claim, claim.statement.referred) if known and known.contract else None
    return Verified(
        scope=bundle.scope,
        claim=bundle.claim,
        claim_type=claim.event.type,
        claim_index=index,
        signer=claim.statement.iss,
        checkpoint=checkpoint,
        contract=at.framework.id if at else None,
        statements=tuple(opened),
        state=state,
        situation=at,
        path=trace_up(at, bundle.claim) if at else (),
        findings=tuple(_findings(at, bundle.scope, places.values())) if at else (),
    )


def _open_all(bundle: Bundle, checkpoint: Checkpoint) -> list[Opened]:
    """Steps 3 and 5: inclusion first, so that bytes nobody registered are not even looked into."""
    entries = [(index, sha256(statement).digest()) for index, statement in bundle.entries]
    check_many(
        [(index, leaf_hash(entry)) for index, entry in entries],
        checkpoint.size,
        bundle.proof,
        checkpoint.root,
    )
    opened = []
    keys = KeyBook()
    for index, statement in bundle.entries:
        try:
            one = open_kept(statement, keys.resolve)
        except TallyError as error:
            error.found = f"entry {index}: {error.found}"
            raise
        learn(keys, one)
        opened.append(one)
    return opened


def _require_policy(bundle: Bundle, opened: list[Opened], key: VerifierKey) -> None:
    if bundle.entries[0][0] != 0:
        raise EvidenceIncomplete(
            "entry 0, the log's policy, is not in the bundle",
            hint="ask for the bundle again: it says who may contract",
        )
    event = opened[0].event
    if not isinstance(event, LogPolicy) or parse_vkey(event.body.vkey) != key:
        raise VerificationFailed(
            "entry 0 is not the policy of the log whose key you brought", expected=f"the policy of {key.name}"
        )


def _admit(state: MemoryState, recorded: Recorded[Event]) -> None:
    try:
        fold(state, recorded)
    except Refused as refusal:
        where = f"entry {recorded.index} ({recorded.event.type} {short_id(recorded.id)})"
        if refusal.retriable:
            raise EvidenceIncomplete(
                f"{where}: {refusal.found}",
                expected=refusal.limit or "the statement it rests on, in the bundle",
                hint="the bundle lacks a statement: ask for it again",
            ) from refusal
        raise RuleBroken(
            f"{where} breaks rule {refusal.rule}: {refusal.found}",
            expected=refusal.limit,
            hint="the log registered what its rules forbid: keep this file as evidence",
        ) from refusal


def _right_scope(bundle: Bundle, claim: Opened) -> None:
    if bundle.scope == "contract" and claim.event.type != "framework.signed":
        raise EvidenceIncomplete(
            f"the bundle claims a whole contract, but is about a {claim.event.type}",
            expected="a framework.signed",
        )


def _findings(at: Situation, scope: Scope, opened: Iterable[tuple[LeafIndex, Opened]]) -> list[Finding]:
    """Findings on the statements at hand. Keys and their chains are judged only where all of the contract is there."""
    found = findings_in(at)
    if scope == "contract":
        links = [Link.of(one, index) for index, one in opened]
        found += [one for one in chain_findings(links) if one.odd is Odd.CHAIN_FORK]
        found += key_findings(at.view, links)
    return found
