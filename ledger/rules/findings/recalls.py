"""Findings on goods that are called back: where they are, who has answered, what was found (F31 to F34).

Who holds what is worked out from the papers (`ledger.rules.sums.holdings`) and compared with what holders say they
found. A recall opened under another contract shows here where goods were made from what it calls back; it is
answered there, and called back anew here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from ledger.rules.catalogue import Odd
from ledger.rules.findings.finding import Finding, listed, lot_of
from ledger.rules.records import Acknowledgement, Dispatch, Located, Lot, Recall
from ledger.rules.refusal import short_id
from ledger.rules.scope import Scope
from ledger.rules.situation import Situation
from ledger.rules.sums import ZERO, LotFacts, amounts, holdings, total
from ledger.units import EXACT, PartyId, StatementId


def recall_open(at: Situation) -> Iterator[Finding]:
    """F31. A recall that is not closed, with the lots it is about and where they are by their papers."""
    for scope in _open(at):
        if not scope.lots and not at.whole:
            continue
        recall, own = scope.recall, scope.contract == at.framework.id
        lots = (
            listed([lot_of(at, lot) for lot in scope.lots], most=3) or "goods no lot here is made of so far"
        )
        made_from = "" if own else f"what {lots} was made from, under contract {short_id(scope.contract)}"
        yield Finding(
            Odd.RECALL_OPEN,
            f"{at.who(recall.by)} calls back {made_from or lots} ({recall.grade}; {recall.action}): {recall.reason}",
            (recall.id, *(lot.id for lot in scope.lots)),
            f"{recall.action}; close the recall when all is done"
            if own
            else "open a recall here for the lots made from it; this one closes under its own contract",
            (("lots", str(len(scope.lots))), *_where(at, scope)),
        )


def recall_unanswered(at: Situation) -> Iterator[Finding]:
    """F32. A holder of affected goods, by the papers, that has not answered for them."""
    for scope in _own(at):
        silent: defaultdict[PartyId, list[tuple[Lot, Decimal]]] = defaultdict(list)
        for facts in _affected(at, scope):
            answered = _answers(facts, scope.recall)
            for party, quantity in holdings(facts).held.items():
                if party not in answered:
                    silent[party].append((facts.lot, quantity))
        for party, held in sorted(silent.items()):
            yield Finding(
                Odd.RECALL_UNANSWERED,
                f"{at.who(party)} holds {amounts(held)} of {listed([lot_of(at, lot) for lot, _ in held], 3)}, "
                f"called back by {at.who(scope.recall.by)}, and has not answered",
                (scope.recall.id, *(lot.id for lot, _ in held)),
                f"have {at.who(party)} look for the goods and acknowledge the recall for each lot",
                (("holds", amounts(held)),),
            )


def not_located(at: Situation) -> Iterator[Finding]:
    """F33. Per affected lot: less was located than its holders hold by their papers, or some of it is on the way.

    Of a holder that has not answered nothing is expected yet: that is F32.
    """
    for scope in _own(at):
        for facts in _affected(at, scope):
            search = _search(facts, scope.recall)
            if search.missing or search.on_the_way:
                yield _not_located(at, scope.recall, facts.lot, search)


def sent_recalled(at: Situation) -> Iterator[Finding]:
    """F34. A dispatch of affected goods after they were called back, other than back to who made or recalled them."""
    for scope in at.scopes:
        recall = scope.recall
        sent: defaultdict[StatementId, list[tuple[Lot, Decimal]]] = defaultdict(list)
        for facts in _affected(at, scope):
            for dispatch, quantity in facts.sent:
                returns = dispatch.to in {facts.lot.maker, recall.by}
                if recall.at <= dispatch.at and not _over(recall, dispatch) and not returns:
                    sent[dispatch.id].append((facts.lot, quantity))
        for id, goods in sent.items():
            dispatch = at.dispatches[id]
            yield Finding(
                Odd.SENT_RECALLED,
                f"waybill {dispatch.waybill}: {at.who(dispatch.dispatcher)} sent {amounts(goods)} of "
                f"{listed([lot_of(at, lot) for lot, _ in goods], 3)} on to {at.who(dispatch.to)} after they were "
                "called back",
                (dispatch.id, recall.id, *(lot.id for lot, _ in goods)),
                "stop the goods and bring them back; if they left before the recall, correct the dispatch",
                (("quantity", amounts(goods)),),
            )


def _open(at: Situation) -> Iterator[Scope]:
    return (scope for scope in at.scopes if scope.recall.closed is None)


def _own(at: Situation) -> Iterator[Scope]:
    return (scope for scope in _open(at) if scope.contract == at.framework.id)


def _affected(at: Situation, scope: Scope) -> Iterator[LotFacts]:
    return (at.facts[lot.id] for lot in scope.lots)


def _over(recall: Recall, dispatch: Dispatch) -> bool:
    return recall.closed_at is not None and dispatch.at >= recall.closed_at


def _answers(facts: LotFacts, recall: Recall) -> dict[PartyId, tuple[Acknowledgement, Located]]:
    """The latest word of each party on a lot: later in the log replaces earlier."""
    return {one.by: (one, located) for one, located in facts.answers if one.recall == recall.id}


_STATES: Final = (
    "released",
    "with their makers",
    "with consignees",
    "with others",
    "on the way",
    "short",
    "located",
    "quarantined",
)


def _where(at: Situation, scope: Scope) -> tuple[tuple[str, str], ...]:
    """The affected goods by where they are, as figures; a state that none are in is left out."""
    goods: dict[str, list[tuple[Lot, Decimal]]] = {state: [] for state in _STATES}
    for facts in _affected(at, scope):
        lot, found = facts.lot, holdings(facts)
        goods["released"].append((lot, lot.released))
        goods["short"].append((lot, found.short))
        for party, quantity in found.held.items():
            role = {lot.maker: "their makers", lot.consignee: "consignees"}.get(party, "others")
            goods[f"with {role}"].append((lot, quantity))
        for _, quantity in found.on_the_way:
            goods["on the way"].append((lot, quantity))
        for _, one in _answers(facts, scope.recall).values():
            goods["located"].append((lot, one.located))
            goods["quarantined"].append((lot, one.quarantined))
    return tuple((state, amounts(some)) for state, some in goods.items() if any(value for _, value in some))


class _Search(NamedTuple):
    """What looking for an affected lot has come to."""

    answers: dict[PartyId, tuple[Acknowledgement, Located]]
    missing: dict[PartyId, Decimal]
    """By holder: what it holds by its papers and has not found."""
    on_the_way: tuple[tuple[Dispatch, Decimal], ...]
    """What neither arrived, by any paper, nor was found by whom it was sent to."""


def _search(facts: LotFacts, recall: Recall) -> _Search:
    answers, papers = _answers(facts, recall), holdings(facts).held
    beyond, missing = {}, {}
    for party, (_, found) in answers.items():
        difference = EXACT.subtract(found.located, papers.get(party, ZERO))
        if difference > 0:
            beyond[party] = difference
        elif difference < 0:
            missing[party] = -difference
    return _Search(answers, missing, holdings(facts, beyond).on_the_way)


def _not_located(at: Situation, recall: Recall, lot: Lot, search: _Search) -> Finding:
    parts = [
        f"{lot.quantity(quantity)} not found by {at.who(party)}" for party, quantity in search.missing.items()
    ]
    parts += [
        f"{lot.quantity(quantity)} on the way to {at.who(dispatch.to)}, waybill {dispatch.waybill}"
        for dispatch, quantity in search.on_the_way
    ]
    missing = total([*search.missing.values(), *(quantity for _, quantity in search.on_the_way)])
    located = total(found.located for _, found in search.answers.values())
    answers = (answer.id for answer, _ in search.answers.values())
    return Finding(
        Odd.NOT_LOCATED,
        f"{lot_of(at, lot)}, called back by {at.who(recall.by)}: {', '.join(parts)}",
        (lot.id, recall.id, *answers, *(dispatch.id for dispatch, _ in search.on_the_way)),
        "find the goods and acknowledge the recall again; record what arrived or was handed over",
        (
            ("released", str(lot.quantity(lot.released))),
            ("located", str(lot.quantity(located))),
            ("missing", str(lot.quantity(missing))),
        ),
    )
