"""Which lots a recall is about: those it names, those made to a specification or of a material it names, and all
that was made from any of them, whatever contract they stand under.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.rules.records import Input, Lot, Recall
from ledger.units import StatementId


@dataclass(frozen=True)
class Upstream:
    """Lots of one contract that went into the lots at hand, and the recalls opened under it."""

    lots: dict[StatementId, Lot] = field(default_factory=dict)
    recalls: dict[StatementId, Recall] = field(default_factory=dict)


class Scope(NamedTuple):
    """A recall, the contract it was opened under, and the lots at hand that it is about."""

    recall: Recall
    contract: StatementId
    lots: tuple[Lot, ...]


def scopes(
    contract: StatementId,
    recalls: Mapping[StatementId, Recall],
    lots: Mapping[StatementId, Lot],
    upstream: Mapping[StatementId, Upstream],
) -> tuple[Scope, ...]:
    """The scope of each recall of a contract, and of each of those upstream that reaches it. O(lots)."""
    opened = [(contract, recall) for recall in recalls.values()]
    opened += [(other, recall) for other, up in upstream.items() for recall in up.recalls.values()]
    if not opened:
        return ()
    known = {other: dict(up.lots) for other, up in upstream.items()}
    known[contract] = {**known.get(contract, {}), **lots}
    made_from: defaultdict[StatementId, list[Lot]] = defaultdict(list)
    for lot in (lot for group in known.values() for lot in group.values()):
        for used in lot.inputs:
            made_from[used].append(lot)
    named = {other: _Named(group.values()) for other, group in known.items()}
    found = []
    for other, recall in opened:
        about = _downstream(named[other].by(recall), made_from)
        at_hand = tuple(lots[lot] for lot in sorted(about) if lot in lots)
        if other == contract or at_hand:
            found.append(Scope(recall, other, at_hand))
    return tuple(found)


class _Named:
    """The lots of one contract, by what a recall may name of them."""

    def __init__(self, lots: Iterable[Lot]) -> None:
        self._of_design: defaultdict[StatementId, list[StatementId]] = defaultdict(list)
        self._of_material: defaultdict[Input, list[StatementId]] = defaultdict(list)
        for lot in lots:
            if lot.specification is not None:
                self._of_design[lot.specification].append(lot.id)
            for material in lot.materials:
                self._of_material[material].append(lot.id)

    def by(self, recall: Recall) -> Iterator[StatementId]:
        yield from recall.lots
        if recall.specification is not None:
            yield from self._of_design.get(recall.specification, ())
        for material in recall.materials:
            yield from self._of_material.get(material, ())


def _downstream(lots: Iterable[StatementId], made_from: Mapping[StatementId, list[Lot]]) -> set[StatementId]:
    """These lots and everything that was made from them, however far down."""
    found = set(lots)
    waiting = list(found)
    while waiting:
        for lot in made_from.get(waiting.pop(), ()):
            if lot.id not in found:
                found.add(lot.id)
                waiting.append(lot.id)
    return found
