"""Rules of recalls: who may call goods back and close it; what holders found is a fact."""

from __future__ import annotations

from datetime import UTC
from typing import Final

import msgspec

from ledger.events.base import Recorded
from ledger.events.recall import RecallAcknowledged, RecallClosed, RecallOpened
from ledger.rules.catalogue import Rule
from ledger.rules.framework import same_unit
from ledger.rules.holding import answerable, told
from ledger.rules.records import (
    Acknowledgement,
    Framework,
    Input,
    Key,
    Kind,
    Located,
    Lot,
    Member,
    Recall,
    Record,
)
from ledger.rules.refusal import (
    contract_of,
    find_specification,
    once,
    one_of,
    party_to_contract,
    referred,
    refuse,
    short_id,
    who,
)
from ledger.rules.state import Changes, Lookup, find
from ledger.rules.terms import latest_terms
from ledger.units import PartyId, StatementId

_MAY_RECALL: Final = frozenset({"buyer", "prime", "maker", "inspector"})
"""Roles that may call back what was made of some material, in whose lots ever it is. A hub's role is maker."""


def recall_opened(view: Lookup, recorded: Recorded[RecallOpened]) -> Changes:
    """The references, R10 and R21: by who answers for each lot named, and for the design; of a material, by who makes
    or buys."""
    framework = contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    lots = [referred(view, recorded, ref, (Kind.LOT, Lot)) for ref in refs.lots]
    for lot in lots:
        one_of(view, recorded, tuple(answerable(view, framework, lot)), "who answers for the lot", lot.id)
    if refs.specification is not None:
        parties = _answer_for_design(view, framework, refs.specification)
        one_of(view, recorded, parties, "who answers for the design", refs.specification)
    if body.inputs:
        _makes_or_buys(view, recorded)
    recall = Recall(
        id=recorded.id,
        by=recorded.iss,
        at=recorded.event.occurred_at.astimezone(UTC),
        grade=body.grade,
        action=body.action,
        reason=body.reason,
        lots=refs.lots,
        materials=tuple(Input(one.item, one.lot) for one in body.inputs),
        specification=refs.specification,
        closed=None,
        closed_at=None,
    )
    return {Key(recorded.sub, Kind.RECALL, recorded.id): recall, **told(recorded, *lots)}


def recall_acknowledged(view: Lookup, recorded: Recorded[RecallAcknowledged]) -> Changes:
    """The references and R21; what was found is a fact."""
    contract_of(view, recorded)
    refs, body = recorded.event.refs, recorded.event.body
    recall = referred(view, recorded, refs.recall, (Kind.RECALL, Recall))
    lots = [referred(view, recorded, ref, (Kind.LOT, Lot)) for ref in refs.lots]
    for lot, item in zip(lots, body.items, strict=True):
        same_unit(item.located, lot.unit, lot.line, lot.id)
    party_to_contract(view, recorded)
    acknowledgement = Acknowledgement(
        id=recorded.id,
        recall=recall.id,
        by=recorded.iss,
        at=recorded.event.occurred_at.astimezone(UTC),
        lots=tuple(Located(one.lot, one.located.value, one.quarantined.value) for one in body.items),
    )
    changes: dict[Key, Record] = {Key(recorded.sub, Kind.ACKNOWLEDGEMENT, recorded.id): acknowledgement}
    return {**changes, **told(recorded, *lots)}


def recall_closed(view: Lookup, recorded: Recorded[RecallClosed]) -> Changes:
    """R10, R25: by who opened it, or the buyer, once."""
    framework = contract_of(view, recorded)
    recall = referred(view, recorded, recorded.event.refs.recall, (Kind.RECALL, Recall))
    one_of(view, recorded, (recall.by, framework.buyer), "who opened the recall, or the buyer", recall.id)
    once(recall.closed, "recall", recall.id)
    closed = msgspec.structs.replace(
        recall, closed=recorded.id, closed_at=recorded.event.occurred_at.astimezone(UTC)
    )
    return {Key(recorded.sub, Kind.RECALL, recall.id): closed}


def _answer_for_design(view: Lookup, framework: Framework, ref: StatementId) -> tuple[PartyId, ...]:
    """Its specifier, buyer, prime and inspectors; R08 where nothing under the contract is made to it."""
    specification = find_specification(view, ref)
    if not any(ref in line.specifications for line in latest_terms(framework).lines):
        raise refuse(
            Rule.REF_FITS,
            f"nothing under contract {framework.reference} is made to the specification {short_id(ref)}",
            limit="a specification that the contract has, or had, for a line",
            rests_on=(framework.id, ref),
            hint="name the specification that the goods were made to",
        )
    return (specification.specifier, framework.buyer, framework.prime, *framework.inspectors)


def _makes_or_buys(view: Lookup, recorded: Recorded[RecallOpened]) -> None:
    party_to_contract(view, recorded)
    member = find(view, recorded.sub, Kind.MEMBER, recorded.iss, Member)
    if member is None or not _MAY_RECALL.intersection(member.roles):
        raise refuse(
            Rule.SIGNER,
            f"{who(view, recorded.iss)} calls a material back",
            limit="the buyer, the prime, a hub, a maker or an inspector of contract "
            + short_id(recorded.sub),
            rests_on=(recorded.sub,),
            hint="have one of them open the recall",
        )
