"""Rules of what follows a delivery: payments, disputes, corrections, erasures. All are facts.

They are refused when they point to nothing under their contract, or are signed by somebody whose fact it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

import msgspec

from ledger.events.amends import CorrectionDeclared, ErasureRecorded
from ledger.events.base import Recorded
from ledger.events.claims import DisputeRaised, DisputeResolved, PaymentRecorded
from ledger.events.fields import Commitment
from ledger.rules.catalogue import Rule
from ledger.rules.framework import no_line, price_record, same_unit
from ledger.rules.records import (
    Acknowledgement,
    Correction,
    Decision,
    Dispatch,
    Dispute,
    Erasure,
    Inspection,
    Key,
    Kind,
    PaidLine,
    Party,
    Payment,
    Policy,
    Proxy,
    Recall,
    Receipt,
)
from ledger.rules.refusal import (
    contract_of,
    once,
    one_of,
    party_to_contract,
    referred,
    refuse,
    short_id,
    unfit,
    who,
)
from ledger.rules.state import Changes, Known, Lookup, find
from ledger.units import PartyId, StatementId

CORRECTABLE: Final[Mapping[str, Kind]] = {
    "inspection.recorded": Kind.INSPECTION,
    "delivery.dispatched": Kind.DISPATCH,
    "delivery.received": Kind.RECEIPT,
    "delivery.decided": Kind.DECISION,
    "payment.recorded": Kind.PAYMENT,
    "recall.opened": Kind.RECALL,
    "recall.acknowledged": Kind.ACKNOWLEDGEMENT,
    "dispute.raised": Kind.DISPUTE,
}
"""Facts that may be taken back. A promise is not corrected but withdrawn, cancelled, held or revoked; what settles
something (a closing, a resolution) stands, and the thing is opened again."""

_NEVER_ERASED: Final[Mapping[str, str]] = {
    "log.policy": "the log's policy",
    "erasure.recorded": "an erasure",
}
"""What everybody reads the log by: its key, and on whose order something is not there."""


def payment_recorded(view: Lookup, recorded: Recorded[PaymentRecorded]) -> Changes:
    """The references, R10, R14, R15, R32: by a payer the contract names, or the buyer where it names none, for lines
    of the contract."""
    framework = contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    for ref in refs.decisions:
        referred(view, recorded, ref, (Kind.DECISION, Decision))
    payers = framework.payers or (framework.buyer,)
    one_of(view, recorded, payers, "who pays under the contract", framework.id)
    for drawn in body.lines:
        line = framework.line(drawn.line)
        if line is None:
            raise no_line(drawn.line, tuple(one.line for one in framework.lines), framework.id)
        same_unit(drawn.quantity, line.unit, drawn.line, framework.id)
    if "price" in framework.confidential and not isinstance(body.amount, Commitment):
        raise refuse(
            Rule.CONFIDENTIAL,
            "the payment writes its amount out",
            limit="a commitment, as the contract keeps prices confidential",
            rests_on=(framework.id,),
            hint="write the amount as {confidential: ...} in the draft",
        )
    payment = Payment(
        id=recorded.id,
        by=recorded.iss,
        payee=body.payee,
        at=recorded.event.occurred_at.astimezone(UTC),
        reference=body.reference,
        amount=price_record(body.amount),
        lines=tuple(PaidLine(one.line, one.quantity.unit, one.quantity.value) for one in body.lines),
        decisions=refs.decisions,
    )
    return {Key(recorded.sub, Kind.PAYMENT, recorded.id): payment}


def dispute_raised(view: Lookup, recorded: Recorded[DisputeRaised]) -> Changes:
    """The reference and R21: a party to the contract disputes a statement under it."""
    contract_of(view, recorded)
    body, target = recorded.event.body, recorded.event.refs.target
    _under_contract(view, recorded, target)
    party_to_contract(view, recorded)
    dispute = Dispute(recorded.id, target, recorded.iss, body.against, body.claim, body.wanted, resolved=None)
    return {Key(recorded.sub, Kind.DISPUTE, recorded.id): dispute}


def dispute_resolved(view: Lookup, recorded: Recorded[DisputeResolved]) -> Changes:
    """R10, R25: by who raised it, or the buyer, once."""
    framework = contract_of(view, recorded)
    dispute = referred(view, recorded, recorded.event.refs.dispute, (Kind.DISPUTE, Dispute))
    one_of(view, recorded, (dispute.by, framework.buyer), "who raised the dispute, or the buyer", dispute.id)
    once(dispute.resolved, "dispute", dispute.id)
    key = Key(recorded.sub, Kind.DISPUTE, dispute.id)
    return {key: msgspec.structs.replace(dispute, resolved=recorded.id)}


def correction_declared(view: Lookup, recorded: Recorded[CorrectionDeclared]) -> Changes:
    """R08, R10, R25: of a fact, by who signed it or for whom it was signed, once."""
    contract_of(view, recorded)
    refs = recorded.event.refs
    known = _under_contract(view, recorded, refs.target)
    if known.type not in CORRECTABLE:
        raise refuse(
            Rule.REF_FITS,
            f"{short_id(refs.target)} is a {known.type}",
            limit="one of " + ", ".join(CORRECTABLE),
            rests_on=(refs.target,),
            hint="promises are withdrawn, cancelled, held or revoked",
        )
    signer = _signer(view, recorded.sub, known.type, refs.target)
    signers = (signer, *_delegate(view, recorded.sub, refs.target))
    one_of(view, recorded, signers, "who signed what is corrected", refs.target)
    key = Key(recorded.sub, Kind.CORRECTION, refs.target)
    earlier = find(view, *key, Correction)
    once(earlier.id if earlier else None, "correction of", refs.target)
    if refs.replacement is not None:
        _stands_in(view, recorded, known.type, signer, refs.replacement)
    correction = Correction(
        recorded.id, refs.target, known.type, recorded.iss, recorded.event.body.reason, refs.replacement
    )
    return {key: correction}


def _stands_in(
    view: Lookup, recorded: Recorded[CorrectionDeclared], type_name: str, signer: PartyId, ref: StatementId
) -> None:
    """R07, R08: another fact of the same type by the same party; one that counts, so that none stands in a circle."""
    target = recorded.event.refs.target
    instead = _under_contract(view, recorded, ref)
    corrected = find(view, recorded.sub, Kind.CORRECTION, ref, Correction)
    same = instead.type == type_name and ref != target
    if not same or corrected or _signer(view, recorded.sub, type_name, ref) != signer:
        raise refuse(
            Rule.REF_FITS,
            f"the replacement {short_id(ref)} does not stand in for {short_id(target)}"
            + (f": it was corrected itself, by {short_id(corrected.id)}" if corrected else ""),
            limit=f"another {type_name} by {who(view, signer)} that counts",
            rests_on=(target, ref, *((corrected.id,) if corrected else ())),
            hint="tell the fact again as it was, and name that statement",
        )


def erasure_recorded(view: Lookup, recorded: Recorded[ErasureRecorded]) -> Changes:
    """R07, R08, R10, R21: of a statement under its subject, by a party to it or the log's operator; of contents, by
    the buyer or the operator. The contents of the policy and of an erasure stay: by them the others are read."""
    body, target = recorded.event.body, recorded.event.refs.target
    known = view.known(target)
    if known is None or known.contract != recorded.contract:
        raise unfit(view, target, "statement", recorded.contract)
    if body.contents and known.type in _NEVER_ERASED:
        raise refuse(
            Rule.REF_FITS,
            f"{short_id(target)} is {_NEVER_ERASED[known.type]}, whose contents stay",
            limit="contents of any other statement; of this one, commitments",
            rests_on=(target,),
            hint="name the commitments that were erased, and leave the contents",
        )
    policy = find(view, "", Kind.POLICY, "", Policy)
    assert policy is not None, "entry 0 is the policy"
    if recorded.iss != policy.operator:
        _controls(view, recorded, known)
    key = Key(recorded.contract, Kind.ERASURE, target)
    earlier = find(view, *key, Erasure) or Erasure(target, (), (), contents=False, ground=body.ground)
    erasure = Erasure(
        target=target,
        statements=(*earlier.statements, recorded.id),
        commitments=tuple(dict.fromkeys((*earlier.commitments, *body.commitments))),
        contents=earlier.contents or body.contents,
        ground=body.ground,
    )
    return {key: erasure}


def _controls(view: Lookup, recorded: Recorded[ErasureRecorded], known: Known) -> None:
    """R10, R21: whether somebody other than the operator may record an erasure."""
    target = recorded.event.refs.target
    if known.contract:
        framework = contract_of(view, recorded)
        if recorded.event.body.contents:
            one_of(view, recorded, (framework.buyer,), "the buyer, or the log's operator", framework.id)
        party_to_contract(view, recorded)
        return
    party = find(view, "", Kind.PARTY, recorded.iss, Party)
    assert party is not None, "who signs has enrolled"
    its_own = recorded.sub == recorded.iss and target == party.statement
    if not its_own or recorded.event.body.contents:
        raise refuse(
            Rule.SIGNER,
            f"{who(view, recorded.iss)} records an erasure under {recorded.sub[:24]}",
            limit="the party itself, of commitments in its own enrolment; or the log's operator",
            rests_on=(target,),
            hint="have the log's operator record it",
        )


def _under_contract(
    view: Lookup, recorded: Recorded[CorrectionDeclared] | Recorded[DisputeRaised], ref: StatementId
) -> Known:
    """What a statement of this contract is. Raises `Refused` R07 (retriable), R08."""
    known = view.known(ref)
    if known is None or known.contract != recorded.contract:
        raise unfit(view, ref, "statement", recorded.contract)
    return known


def _delegate(view: Lookup, contract: str, ref: StatementId) -> tuple[PartyId, ...]:
    """Who signed a fact for another, as long as that party has not made it its own."""
    proxy = find(view, contract, Kind.PROXY, ref, Proxy)
    return (proxy.delegate,) if proxy is not None and proxy.confirmed is None else ()


def _signer(view: Lookup, contract: str, type_name: str, ref: StatementId) -> PartyId:
    """Who signed a fact, or for whom it was signed."""
    match view.get(Key(contract, CORRECTABLE[type_name], ref)):
        case Inspection() as one:
            return one.inspector
        case Dispatch() as one:
            return one.dispatcher
        case Receipt() as one:
            return one.receiver
        case Decision() | Payment() | Recall() | Acknowledgement() | Dispute() as one:
            return one.by
    raise AssertionError(f"{type_name} {ref} has no record")
