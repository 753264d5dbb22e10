"""Anybody may say anything, in any order and under any contract: the fold and the naive model agree on all of it.

Two contracts, seven parties, a stranger. Every statement is judged twice: by `tests.support.naive`, which goes
through all that was admitted so far again, and by the fold. They must agree whether it is admitted; if not, the
rule that refuses must be one of those that the model finds broken. What holds at every level is checked after each
step, and at the end the log is folded again from nothing.
"""

import random
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.errors import Refused
from ledger.log.intake import in_order
from ledger.rules.admit import fold
from ledger.rules.findings import contract_findings
from ledger.rules.records import Kind
from ledger.rules.gathering import situation
from ledger.rules.state import MemoryState, memory_digest
from ledger.trace.down import trace_down
from ledger.units import StatementId
from tests.support.naive import OTHER_UNIT, RETRIABLE, STEP, Naive, Said, amount, written
from tests.support.world import (
    PLACE,
    World,
    calloff_body,
    framework_body,
    opened,
    party,
    payload_of,
    sign_off_body,
)

PARTIES = ("Agency", "Prime", "Hub", "Asha", "Bo", "Cy", "Store", "Eve")
NOBODY_YET = ("Cy", "Eve")
NOWHERE = "ab" * 32
OFFERS = ("framework.signed", "calloff.issued", "allocation.offered")


class Odds(NamedTuple):
    """What chance decides about one statement."""

    pick: int
    """Which of those there are."""
    size: str
    liar: str | None
    """Who signs in place of the one who may; None is the one who may."""
    slip: str | None
    """What else is wrong with it."""


odds = st.builds(
    Odds,
    st.integers(0, 10_000),
    st.sampled_from(["all", "all", "all", "one more", "half", "half", "a bit", "a bit", "much"]),
    st.sampled_from([None] * 9 + list(PARTIES)),
    st.sampled_from([None] * 12 + ["unit", "line", "ref", "sub"]),
)
anybody = st.sampled_from(PARTIES)


def name_of(did: str) -> str:
    return next(name for name in PARTIES if party(name) == did)


class Contracts(RuleBasedStateMachine):
    """Says things, has them judged twice, and looks whether everything still adds up."""

    @initialize(
        tolerances=st.tuples(*[st.sampled_from(["0", "2.5", "10"])] * 2),
        ceilings=st.tuples(*[st.sampled_from([None, 40, 1000])] * 2),
        agreed=st.sampled_from([True, True, True, False]),
    )
    def open_two_contracts(
        self, tolerances: tuple[str, str], ceilings: tuple[int | None, int | None], agreed: bool
    ) -> None:
        self.world = World({})
        self.naive = Naive()
        self.said: list[Said] = []
        self.serial = 0
        for name in PARTIES:
            if name not in NOBODY_YET:
                self.enrol(name)
        units = ("H87", "KGM")
        self.contracts = []
        for unit, tolerance, ceiling in zip(units, tolerances, ceilings, strict=True):
            body = framework_body({"1": f"{ceiling} {unit}" if ceiling else unit, "2": unit}, tolerance)
            body["period"] = {"first": "2026-01-01", "last": "2026-12-30"}
            contract = self.tell("Agency", "framework.signed", body, {}, party("Agency"))
            if agreed:
                self.tell("Prime", "framework.accepted", {}, {"framework": contract}, contract)
            self.contracts.append(contract)
            for name in ("1", "2"):
                self.order(name, written(Fraction(30), unit), contract)

    def order(self, line: str, quantity: dict[str, str], contract: StatementId) -> None:
        """A call-off that is accepted, and half of it the hub's."""
        body = calloff_body([{"line": line, "quantity": quantity}], "Store")
        order = self.tell("Agency", "calloff.issued", body, {"framework": contract}, contract)
        self.tell("Prime", "calloff.accepted", {}, {"calloff": order}, contract)
        half = {"line": line, "quantity": written(amount(quantity)[0] / 2, quantity["unit"])}
        body = {"maker": party("Hub"), "lines": [half], "due": "2026-05-20"}
        part = self.tell("Prime", "allocation.offered", body, {"parent": order}, contract)
        self.tell("Hub", "allocation.accepted", {}, {"allocation": part}, contract)

    # Saying and judging

    def draft(
        self, signer: str, type_name: str, body: Any, refs: Any, sub: str, *, day: str = "2026-05-04"
    ) -> Said:
        """Never the same twice: what is said again is said a moment later."""
        self.serial += 1
        at = f"{day}T09:00:00.{self.serial:06}+05:30"
        payload = payload_of(type_name, body, refs, at)
        one = Said(self.world.recorded(signer, payload, sub).id, signer, sub, payload)
        self.said.append(one)
        return one

    def tell(self, *told: Any, **when: str) -> StatementId:
        one = self.draft(*told, **when)
        self.submit(one)
        return StatementId(one.id)

    def submit(self, one: Said) -> bool:
        """Have it judged twice. True when it was refused and may come again."""
        broken = self.naive.broken(one)
        before = memory_digest(self.world.state)
        try:
            self.world.fold(self.world.recorded(*one.as_told()))
        except Refused as refusal:
            number = refusal.rule[:3]
            agree = number in broken and refusal.retriable is (number in RETRIABLE)
            assert agree, f"{number} refused what breaks {broken or 'nothing'}: {one}"
            assert memory_digest(self.world.state) == before
            return refusal.retriable
        assert not broken, f"admitted, but breaks {broken}: {one}"
        self.naive.log.append(one)
        return False

    def enrol(self, name: str) -> None:
        self.tell(name, "party.enrolled", {"kind": "maker", "country": "IN", "name": name}, {}, party(name))

    def some(self, pick: int, *types: str) -> Said | None:
        """One of those admitted; of offers one that has been accepted, but every eighth time one that has not."""
        found = [one for one in self.naive.log if one.type in types]
        chosen = [one for one in found if self.naive.accepted(one.id) is (pick % 8 > 0)]
        found = chosen or found
        return found[pick // 8 % len(found)] if found else None

    def size(self, size: str, room: Fraction, unit: str) -> dict[str, str]:
        wanted = {
            "all": room,
            "one more": room + STEP[unit],
            "half": STEP[unit] * int(room / 2 / STEP[unit]),
            "a bit": STEP[unit] * 3,
            "much": Fraction(10**9),
        }[size]
        return written(wanted, unit)

    def slip(self, by: Odds, refs: dict[str, Any], sub: str, line: dict[str, Any]) -> str:
        """Does one thing wrong to the references or the line, or answers a wrong subject."""
        if by.slip == "unit" and line:
            line["quantity"] = written(Fraction(1), OTHER_UNIT[line["quantity"]["unit"]])
        elif by.slip == "line" and line:
            line["line"] = "3"
        elif by.slip == "ref":
            role = sorted(refs)[by.pick % len(refs)]
            refs[role] = [NOWHERE, *[one.id for one in self.said]][by.pick % (len(self.said) + 1)]
        elif by.slip == "sub":
            return [NOWHERE, party("Agency"), *self.contracts, self.said[-1].id][by.pick % 5]
        return sub

    # What can be said

    @rule(name=st.sampled_from([*NOBODY_YET, "Asha"]))
    def enrols(self, name: str) -> None:
        self.enrol(name)

    @rule(
        by=odds,
        line=st.sampled_from("12"),
        to=st.sampled_from(["Store", "Agency"]),
        day=st.sampled_from([*["05-04"] * 8, "12-31"]),
    )
    def calls_off(self, by: Odds, line: str, to: str, day: str) -> None:
        contract = self.naive.one(self.contracts[by.pick % 2])
        ceiling = self.naive.ceiling(contract, line)
        room = Fraction(100) if ceiling is None else ceiling - self.naive.called(contract, line)
        drawn = {"line": line, "quantity": self.size(by.size, room, contract.body["lines"][0]["unit"])}
        refs = {"framework": contract.id}
        sub = self.slip(by, refs, contract.id, drawn)
        body = calloff_body([drawn], to)
        order = self.tell(by.liar or "Agency", "calloff.issued", body, refs, sub, day=f"2026-{day}")
        if by.pick % 3:
            self.tell("Prime", "calloff.accepted", {}, {"calloff": order}, contract.id)

    @rule(by=odds)
    def accepts(self, by: Odds) -> None:
        offers = [one for one in self.naive.log if one.type in OFFERS]
        waiting = [one for one in offers if not self.naive.accepted(one.id)]
        offers = waiting if waiting and by.pick % 8 else offers
        offer = offers[by.pick // 8 % len(offers)]
        role = offer.type.split(".")[0]
        refs = {role: offer.id}
        sub = self.slip(by, refs, self.naive.contract_of(offer), {})
        self.tell(by.liar or name_of(self.naive.holder(offer)), f"{role}.accepted", {}, refs, sub)

    @rule(by=odds, maker=anybody, accept=st.sampled_from([True, True, True, False]))
    def allots(self, by: Odds, maker: str, accept: bool) -> None:
        parent = self.some(by.pick, "calloff.issued", "allocation.offered")
        if parent is None:
            return
        ((line, (_, unit)),) = parent.lines().items()
        drawn = {"line": line, "quantity": self.size(by.size, self.naive.left(parent, line), unit)}
        refs = {"parent": parent.id}
        sub = self.slip(by, refs, parent.sub, drawn)
        body = {"maker": party(maker), "lines": [drawn], "due": "2026-05-20"}
        holder = name_of(self.naive.holder(parent))
        offered = self.tell(by.liar or holder, "allocation.offered", body, refs, sub)
        if accept:
            self.tell(maker, "allocation.accepted", {}, {"allocation": offered}, parent.sub)

    @rule(
        by=odds,
        lot=st.sampled_from("LMNO"),
        rejected=st.sampled_from([0, 0, 2]),
        miscounted=st.sampled_from([0] * 5 + [1]),
    )
    def signs_off(self, by: Odds, lot: str, rejected: int, miscounted: int) -> None:
        allocation = self.some(by.pick, "allocation.offered")
        if allocation is None:
            return
        ((line, (_, unit)),) = allocation.lines().items()
        drawn = {"line": line, "quantity": self.size(by.size, self.naive.room(allocation, line), unit)}
        refs = {"allocation": allocation.id}
        sub = self.slip(by, refs, allocation.sub, drawn)
        body = sign_off_body(lot, **drawn)
        released, unit = amount(body["released"])
        body["made"] = written(released + rejected - miscounted * STEP[unit], unit)
        body["rejected"] = {"value": str(rejected), "unit": unit}
        holder = name_of(self.naive.holder(allocation))
        self.tell(by.liar or holder, "batch.signed_off", body, refs, sub)

    @rule(by=odds, signer=anybody, to=anybody, many=st.booleans())
    def dispatches(self, by: Odds, signer: str, to: str, many: bool) -> None:
        lots = list(self.naive.of("batch.signed_off"))[-2 if many else -1 :]
        items = [
            {"lot": lot.id, "quantity": self.size(by.size, Fraction(10), self.naive.unit(lot))}
            for lot in lots
            if by.pick % 4
        ]
        body = {"waybill": "W", "to": party(to), "origin": PLACE, "destination": PLACE, "items": items}
        self.carry(signer, "delivery.dispatched", body, {}, by)

    @rule(
        by=odds, signer=anybody, good=st.integers(0, 5), odd=st.sampled_from(["damaged", "short", "excess"])
    )
    def receives(self, by: Odds, signer: str, good: int, odd: str) -> None:
        lot, sent = self.some(by.pick, "batch.signed_off"), self.some(by.pick, "delivery.dispatched")
        told = {"good": good, "damaged": 0, "short": 0, "excess": 0} | {odd: 1}
        items = []
        if lot and by.pick % 4:
            unit = OTHER_UNIT[self.naive.unit(lot)] if by.slip == "unit" else self.naive.unit(lot)
            items = [{"lot": lot.id} | {name: {"value": str(n), "unit": unit} for name, n in told.items()}]
        body = {"waybill": "W", "place": PLACE, "items": items}
        refs = {"dispatch": sent.id} if sent and by.pick % 3 else {}
        self.carry(signer, "delivery.received", body, refs, by)

    def carry(
        self, signer: str, type_name: str, body: dict[str, Any], refs: dict[str, Any], by: Odds
    ) -> None:
        """A waybill with its lots, and now and then with goods whose maker is not known."""
        lots = [item["lot"] for item in body["items"]]
        order = self.some(by.pick, "calloff.issued")
        if not lots and order is None:
            return
        sub = self.naive.one(lots[0] if lots else order.id).sub
        drawn: dict[str, Any] = {}
        body["unattributed"] = []
        if order and (not lots or by.pick % 5 == 0):
            ((line, (_, unit)),) = order.lines().items()
            drawn |= {"line": line, "quantity": written(Fraction(by.pick % 4), unit)}
            body["unattributed"] = [drawn]
            refs["calloff"] = order.id
        sub = self.slip(by, refs, sub, drawn) if refs else sub
        self.tell(signer, type_name, body, refs | {"lots": lots}, sub)

    @rule(by=odds, under=st.integers(0, 3))
    def replays(self, by: Odds, under: int) -> None:
        """The very event once more, signed by the same party about another subject."""
        one = self.said[by.pick % len(self.said)]
        sub = [*self.contracts, party(one.signer), self.said[0].id][under]
        if sub != one.sub:
            again = self.world.recorded(one.signer, one.payload, sub)
            self.submit(Said(again.id, one.signer, sub, one.payload))

    @rule(by=odds, seed=st.integers(0, 2**32), ordered=st.booleans())
    def sends_a_folder_from_a_week_offline(self, by: Odds, seed: int, ordered: bool) -> None:
        """Several makers race for the same parent and release at once; it all comes in shuffled."""
        parent = self.some(by.pick, "calloff.issued", "allocation.offered")
        if parent is None:
            return
        folder = self.folder(parent, by)
        random.Random(seed).shuffle(folder)
        if ordered:
            arranged = [opened(self.world.recorded(*one.as_told()), one.payload) for one in folder]
            folder = [folder[position] for position in in_order(arranged)]
        waiting = [one for one in folder if self.submit(one)]
        count, before = len(self.naive.log), len(waiting) + 1
        while len(waiting) < before:
            before = len(waiting)
            waiting = [one for one in waiting if self.submit(one)]
        if ordered:
            assert len(self.naive.log) == count, "put in order, nothing is admitted only at the second try"

    def folder(self, parent: Said, by: Odds) -> list[Said]:
        """Three makers are offered the same quantity of one parent; each accepts, releases it all and sends it off."""
        ((line, (_, unit)),) = parent.lines().items()
        room = self.naive.left(parent, line)
        drawn = {"line": line, "quantity": self.size(by.size, room if by.pick % 2 else room / 3, unit)}
        folder: list[Said] = []
        for maker in ("Cy", "Asha", "Hub"):
            body = {"maker": party(maker), "lines": [drawn], "due": "2026-05-20"}
            holder = name_of(self.naive.holder(parent))
            offer = self.draft(holder, "allocation.offered", body, {"parent": parent.id}, parent.sub)
            refs = {"allocation": offer.id}
            accept = self.draft(maker, "allocation.accepted", {}, refs, parent.sub)
            lot = self.draft(
                maker, "batch.signed_off", sign_off_body(f"{self.serial}", **drawn), refs, parent.sub
            )
            goods = {
                "waybill": "W",
                "to": party("Store"),
                "origin": PLACE,
                "destination": PLACE,
                "items": [{"lot": lot.id, "quantity": drawn["quantity"]}],
            }
            sent = self.draft(maker, "delivery.dispatched", goods, {"lots": [lot.id]}, parent.sub)
            folder += [offer, accept, lot, sent]
        if by.pick % 4 < 2:
            about = {"kind": "maker", "country": "IN", "name": "Cy"}
            folder.append(self.draft("Cy", "party.enrolled", about, {}, party("Cy")))
        return folder

    # What always holds

    @invariant()
    def all_adds_up(self) -> None:
        self.every_level_stays_within_the_one_above()
        self.a_lot_id_is_used_once_by_a_maker()
        self.every_count_is_counted_once()
        self.traces_and_findings_can_be_made()

    def every_level_stays_within_the_one_above(self) -> None:
        for contract_id in self.contracts:
            contract = self.naive.find(contract_id)
            records = {
                one.id: one
                for kind in (Kind.CALLOFF, Kind.ALLOCATION)
                for one in self.world.state.scan(contract_id, kind)
            }
            offers = [
                *self.naive.of("calloff.issued", contract_id),
                *self.naive.of("allocation.offered", contract_id),
            ]
            assert set(records) == {offer.id for offer in offers}
            for offer in offers:
                ((line, (quantity, unit)),) = offer.lines().items()
                allotted, released = self.naive.allotted(offer.id, line), self.naive.released(offer.id, line)
                share = records[offer.id].line(line)
                assert (Fraction(share.allotted), Fraction(share.released)) == (allotted, released)
                assert allotted <= quantity
                assert released <= self.naive.most(contract, quantity - allotted, unit)
            for line in ("1", "2"):
                ceiling = self.naive.ceiling(contract, line)
                assert ceiling is None or self.naive.called(contract, line) <= ceiling

    def a_lot_id_is_used_once_by_a_maker(self) -> None:
        lots = [(one.signer, one.body["lot"]) for one in self.naive.of("batch.signed_off")]
        assert len(lots) == len(set(lots))

    def every_count_is_counted_once(self) -> None:
        for contract in self.contracts:
            for lot in self.world.state.scan(contract, Kind.LOT):
                told = [
                    (receipt.did, item)
                    for receipt in self.naive.of("delivery.received", contract)
                    for item in receipt.body["items"]
                    if item["lot"] == lot.id
                ]
                assert {one.party for one in lot.counted} == {did for did, _ in told}
                for one in lot.counted:
                    for field in ("good", "damaged", "short", "excess"):
                        told_of = [Fraction(item[field]["value"]) for did, item in told if did == one.party]
                        assert Fraction(getattr(one, field)) == sum(told_of)

    def traces_and_findings_can_be_made(self) -> None:
        for contract in self.contracts:
            trace = trace_down(situation(self.world.state, contract))
            for line in trace.lines:
                makers = [maker.totals for maker in trace.makers if maker.line == line.line]
                assert sum(one.allotted for one in makers) == line.totals.allotted
                assert sum(one.signed_off for one in makers) == line.totals.signed_off
                assert sum(one.received for one in makers) == line.totals.received - line.totals.unattributed
            assert isinstance(contract_findings(self.world.state, contract), list)

    def teardown(self) -> None:
        """Folded again from nothing, in the order of the log, everything is admitted again to the same state."""
        if hasattr(self, "world"):
            again = MemoryState()
            for recorded in self.world.log:
                fold(again, recorded)
            assert memory_digest(again) == memory_digest(self.world.state)


TestContracts = Contracts.TestCase
# A failure is told as it was found: making it shorter takes longer than finding it.
TestContracts.settings = settings(max_examples=200, stateful_step_count=40, phases=[Phase.generate])
