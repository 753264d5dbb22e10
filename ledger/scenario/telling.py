"""A story while it is told: what its people have agreed and made so far, and what they do next.

`Telling` is the one thing here that changes. Each of its acts signs statements, which moves on the chains of
the keys that sign; so the parts of a story are told in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from ledger.scenario import goods
from ledger.scenario.cast import Actor, statement_id
from ledger.scenario.goods import Load, Lot, Truck
from ledger.scenario.people import Cast, Hub, Maker
from ledger.scenario.promises import HUBS_DUE, MAKERS_DUE, Agreed, agree_allocation
from ledger.scenario.story import Chapter, Expect
from ledger.units import StatementId


class Telling:
    """Where a story stands: who is in it, what was signed so far, and the chapters told."""

    contract: StatementId
    calloff: StatementId

    def __init__(self, cast: Cast, lots: Iterable[Lot]) -> None:
        self.cast = cast
        self.lots = tuple(sorted(lots, key=lambda lot: lot.signed_at))
        """In the order they are signed off."""
        self.chapters: list[Chapter] = []
        self.held: dict[str, StatementId] = {}
        """Accepted allocations, by the code of their hub or maker."""
        self.signed_off: dict[str, bytes] = {}
        """Sign-offs, by the name of their lot."""

    def chapter(self, title: str, told: str, at: datetime, statements: Sequence[bytes]) -> None:
        """The log takes these."""
        self.chapters.append(Chapter(title, told, at, tuple(statements)))

    def repeated(self, title: str, told: str, at: datetime, statements: Sequence[bytes]) -> None:
        """The log has these already."""
        self.chapters.append(Chapter(title, told, at, tuple(statements), Expect.REPEATED))

    def refused(self, title: str, told: str, at: datetime, statement: bytes, *, answer: str) -> None:
        """The log does not take this, by which rule or error."""
        self.chapters.append(Chapter(title, told, at, (statement,), Expect.REFUSED, answer))

    def lot(self, name: str) -> Lot:
        """A planned lot by its name."""
        return next(lot for lot in self.lots if lot.name == name)

    def to_hub(self, hub: Hub, offered_at: datetime) -> Agreed:
        """The prime allocates a hub its part of the call-off."""
        return self._allocate(self.cast.prime, self.calloff, hub, HUBS_DUE, offered_at=offered_at)

    def to_maker(self, hub: Hub, maker: Maker, offered_at: datetime) -> Agreed:
        """A hub allocates a maker its part of the hub's."""
        return self._allocate(hub.actor, self.held[hub.code], maker, MAKERS_DUE, offered_at=offered_at)

    def made(self, lots: Iterable[Lot]) -> list[bytes]:
        """Each lot signed off, sent to its hub and counted there."""
        statements: list[bytes] = []
        for lot in lots:
            data = lot.maker.actor.sign(
                "batch.signed_off",
                sub=self.contract,
                refs={"allocation": self.held[lot.maker.code]},
                body=goods.sign_off_body(lot),
                occurred_at=lot.signed_at,
            )
            self.signed_off[lot.name] = data
            statements += [data, *goods.collect(self.contract, lot, statement_id(data))]
        return statements

    def trucks(self, code: str, left_at: datetime, *, unattributed: int = 0) -> list[Truck]:
        """All that a hub has collected, loaded."""
        hub = self.cast.hub(code)
        collected = [lot for lot in self.lots if lot.hub is hub and lot.name in self.signed_off]
        loads = [Load(statement_id(self.signed_off[lot.name]), lot.released) for lot in collected]
        return goods.load_trucks(hub, loads, left_at, unattributed=unattributed)

    def driven(self, code: str, trucks: Sequence[Truck]) -> list[bytes]:
        """Every truck sent by its hub and received at the store."""
        hub, consignee = self.cast.hub(code).actor, self.cast.consignee
        statements: list[bytes] = []
        for truck in trucks:
            sent = goods.dispatch(self.contract, self.calloff, hub, consignee, truck)
            received = goods.receive(self.contract, self.calloff, consignee, truck, statement_id(sent))
            statements += [sent, received]
        return statements

    def _allocate(
        self, holder: Actor, parent: StatementId, to: Hub | Maker, due: date, *, offered_at: datetime
    ) -> Agreed:
        agreed = agree_allocation(
            self.contract,
            parent,
            holder=holder,
            to=to.actor,
            pieces=to.pieces,
            due=due,
            offered_at=offered_at,
        )
        self.held[to.code] = agreed.id
        return agreed
