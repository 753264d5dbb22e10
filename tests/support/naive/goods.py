"""Deliveries and payments: facts, against which only references, units and the signer can stand."""

from collections.abc import Iterator
from typing import Any

from tests.support.naive.making import Making
from tests.support.naive.said import Said


class Goods(Making):
    def _delivery(self, one: Said, counted: str) -> Iterator[str]:
        yield from self._takes_part(one)
        yield from self._lots_in_unit(one, counted)
        calloff = self.referred(one, "calloff")
        if calloff:
            lines = calloff.lines()
            for goods in one.body["unattributed"]:
                if goods["line"] not in lines:
                    yield "R14"
                elif goods["quantity"]["unit"] != lines[goods["line"]][1]:
                    yield "R15"

    def _lots_in_unit(self, one: Said, counted: str) -> Iterator[str]:
        units = {item["lot"]: item[counted]["unit"] for item in one.body["items"]}
        if any(self.unit(lot) != units[lot.id] for lot in self.all_referred(one, "lots")):
            yield "R15"

    def _delivery_dispatched(self, one: Said) -> Iterator[str]:
        return self._delivery(one, "quantity")

    def _delivery_received(self, one: Said) -> Iterator[str]:
        return self._delivery(one, "good")

    def _delivery_decided(self, one: Said) -> Iterator[str]:
        contract, receipt = self.contract(one), self.referred(one, "receipt")
        if one.did not in (self.named(contract, "quality") or [contract.did]):
            yield "R10"
        yield from self._lots_in_unit(one, "accepted")
        if receipt is None:
            return
        counted = {item["lot"] for item in receipt.body["items"]}
        if any(lot.id not in counted for lot in self.all_referred(one, "lots")):
            yield "R08"
        units = {goods["line"]: goods["quantity"]["unit"] for goods in receipt.body["unattributed"]}
        for goods in one.body["unattributed"]:
            if goods["line"] not in units:
                yield "R14"
            elif goods["accepted"]["unit"] != units[goods["line"]]:
                yield "R15"

    def _payment_recorded(self, one: Said) -> Iterator[str]:
        contract = self.contract(one)
        if one.did not in (self.named(contract, "payers") or [contract.did]):
            yield "R10"
        lines: dict[str, Any] = self.terms(contract).lines
        for line, (_, unit) in one.lines().items():
            if line not in lines:
                yield "R14"
            elif unit != lines[line]["unit"]:
                yield "R15"
        if "price" in contract.body["confidential"] and "commitment" not in one.body["amount"]:
            yield "R32"
