"""What the machine does that nobody should: replays, repetitions, races, folders in disorder."""

from typing import Any

from ledger.log.order import in_order
from tests.support.machine.making import sign_off_body
from tests.support.machine.orders import OFFERS, OrdersSpeak
from tests.support.machine.speaking import DAY, NAMES, PLACE, Odds, says
from tests.support.naive import Said
from tests.support.world import opened, party


class TrickstersSpeak(OrdersSpeak):
    @says(4)
    def replays_elsewhere(self, by: Odds) -> None:
        """The very event once more, signed by the same party about another subject."""
        chance = self.chance
        one = chance.choice(self.said)
        sub = chance.choice([*self.contracts, party(one.signer), party("Asha"), self.said[0].id])
        self.submit(self.judged.said(one.signer, one.payload, sub, one.device, one.size))

    @says(4)
    def says_it_again(self, by: Odds) -> None:
        """The same bytes, or the same event a moment later."""
        chance = self.chance
        one = chance.choice(self.said)
        if chance.random() < 0.7:
            payload = one.payload | {"occurred_at": f"{DAY}.{len(self.said):06}+05:30"}
            one = self.judged.said(one.signer, payload, one.sub, one.device, one.size)
            self.said.append(one)
        self.submit(one)

    @says(2)
    def sends_a_folder_from_a_week_offline(self, by: Odds) -> None:
        """Makers race for the same parent, each with all that follows; it comes in shuffled, perhaps put in order."""
        chance = self.chance
        parent = self.some(*OFFERS, where=self.has_some_left)
        if parent is None:
            return
        folder = self._folder(by.surely(), parent)
        chance.shuffle(folder)
        in_turn = chance.random() < 0.5
        waiting = [one for one in (self._arranged(folder) if in_turn else folder) if self._comes_again(one)]
        count, before = len(self.naive.log), len(waiting) + 1
        while len(waiting) < before:
            before = len(waiting)
            waiting = [one for one in waiting if self._comes_again(one)]
        if in_turn:
            assert len(self.naive.log) == count, "put in order, nothing is admitted only at the second try"

    def _comes_again(self, one: Said) -> bool:
        return self.submit(one).endswith("later")

    def _arranged(self, folder: list[Said]) -> list[Said]:
        recorded = [self.judged.recorded(one) for one in folder]
        arranged = [opened(one, told.payload) for one, told in zip(recorded, folder, strict=True)]
        return [folder[position] for position in in_order(arranged)]

    def _folder(self, by: Odds, parent: Said) -> list[Said]:
        """Three makers are offered the same of one parent; each accepts, releases it all and sends it off."""
        chance, contract = self.chance, self.naive.contract(parent)
        line, (_, unit) = chance.choice(sorted(parent.lines().items()))
        quantity = self.size(by, self.naive.left(parent, line) / chance.choice([1, 3]), unit)
        made_to = ([None] + self.naive.terms(contract).lines[line]["specifications"])[-1]
        folder: list[Said] = []
        for maker in ("Cy", "Asha", "Hub"):
            lines = [{"line": line, "quantity": quantity}]
            body: dict[str, Any] = {"maker": party(maker), "lines": lines, "due": "2026-05-20"}
            holder = NAMES[self.naive.holder(parent)]
            offer = self.draft(by, holder, "allocation.offered", body, {"parent": parent.id}, parent.sub)
            refs = {"allocation": offer.id}
            accept = self.draft(by, maker, "allocation.accepted", {}, refs, parent.sub)
            body = sign_off_body(f"F{len(self.said)}", line, quantity)
            lot = self.draft(
                by, maker, "batch.signed_off", body, refs | {"specification": made_to}, parent.sub
            )
            items = [{"lot": lot.id, "quantity": quantity}]
            goods = {
                "waybill": "W",
                "to": party("Store"),
                "origin": PLACE,
                "destination": PLACE,
                "items": items,
            }
            sent = self.draft(by, maker, "delivery.dispatched", goods, {"lots": [lot.id]}, parent.sub)
            folder += [offer, accept, lot, sent]
        if chance.random() < 0.5:
            folder.append(
                self.draft(by, "Cy", "party.enrolled", {"kind": "maker", "country": "IN", "name": "Cy"})
            )
        return folder
