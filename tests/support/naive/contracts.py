"""The contract: who opens it, what its terms are on a day, how they are changed, and when it is closed."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from tests.support.naive.parties import Parties
from tests.support.naive.said import Said, amount, fraction, most


class Terms(NamedTuple):
    """What holds on a day, or, of no day, what was agreed last."""

    last: str
    tolerance: Fraction
    lines: dict[str, dict[str, Any]]
    """Unit, item, ceiling, price and specifications by the line's name."""


class Contracts(Parties):
    def accepted(self, offer: Said) -> bool:
        """Of a contract, a change of it, a call-off or an allocation."""
        kind = offer.type.split(".")[0]
        acceptances = self.of(f"{kind}.accepted")
        return any(offer.id == (a.refs.get("change") or a.refs[kind]) for a in acceptances)

    def agreed(self, contract: Said, *types: str) -> list[Said]:
        """Its accepted changes, in the order of their acceptance."""
        accepted = self.of("framework.accepted", under=contract)
        changes = [self.one(a.refs["change"]) for a in accepted if a.refs.get("change")]
        return [change for change in changes if change.type in types]

    def closed(self, contract: Said) -> bool:
        return bool(self.agreed(contract, "framework.closed"))

    def terms(self, contract: Said, day: date | None = None, also: Said | None = None) -> Terms:
        """As signed, then changed by each accepted amendment that is effective by the day (or by all of them)."""
        terms = self.as_signed(contract)
        for change in [*self.agreed(contract, "framework.amended"), *([also] if also else [])]:
            if day is None or date.fromisoformat(change.body["effective"]) <= day:
                terms = _changed(terms, change.body)
        return terms

    def days(self, contract: Said, *also: Said) -> set[date]:
        """The days on which the terms change."""
        changes = [*self.agreed(contract, "framework.amended"), *also]
        return {date.fromisoformat(change.body["effective"]) for change in changes}

    def as_signed(self, contract: Said) -> Terms:
        body = contract.body
        lines = {line["line"]: _line(line) for line in body["lines"]}
        return Terms(body["period"]["last"], fraction(body["tolerance_percent"]), lines)

    def ceiling(self, terms: Terms, line: str) -> Fraction | None:
        """The most that may be called off, with the tolerance on it."""
        told = terms.lines[line]
        return (
            None
            if told["ceiling"] is None
            else most(amount(told["ceiling"])[0], told["unit"], terms.tolerance)
        )

    # Verdicts

    def _framework_signed(self, one: Said) -> Iterator[str]:
        if one.did not in self.log[0].body["agencies"]:
            yield "R09"
        yield from self._specified(one, {line["line"]: _line(line) for line in one.body["lines"]})

    def _framework_accepted(self, one: Said) -> Iterator[str]:
        contract = self.contract(one)
        if one.did != contract.body["prime"]:
            yield "R10"
        change = self.referred(one, "change") if one.refs.get("change") else None
        if change is None:
            if self.accepted(contract):
                yield "R11"
            return
        if self.accepted(change):
            yield "R11"
        if self.closed(contract):
            yield "R26"
        if change.type == "framework.amended":
            yield from self._fits_what_is_in_force(contract, change)

    def _offers_change(self, one: Said) -> Iterator[str]:
        contract = self.contract(one)
        if one.did != contract.did:
            yield "R10"
        if not self.accepted(contract):
            yield "R12 later"
        if self.closed(contract):
            yield "R26"

    def _framework_closed(self, one: Said) -> Iterator[str]:
        return self._offers_change(one)

    def _framework_amended(self, one: Said) -> Iterator[str]:
        yield from self._offers_change(one)
        contract = self.contract(one)
        yield from self._fits_what_is_in_force(contract, one)
        lines = self.terms(contract).lines
        told = {line["line"]: _line(line) for line in one.body.get("added", [])}
        for line in one.body.get("lines", []):
            if line.get("specification") and line["line"] in lines:
                now = {"specifications": [line["specification"]["now"]]}
                told[line["line"]] = lines[line["line"]] | now
        yield from self._specified(one, told)
        prices = [line.get("price") for line in one.body.get("added", [])]
        prices += [line["price"]["now"] for line in one.body.get("lines", []) if line.get("price")]
        if "price" in contract.body["confidential"] and any(price and "amount" in price for price in prices):
            yield "R32"

    def _specified(self, one: Said, lines: dict[str, dict[str, Any]]) -> Iterator[str]:
        """R08: what a line is made to is a specification of its item."""
        named = {found.id: found for found in self.all_referred(one, "specifications")}
        for line in lines.values():
            for specification in line["specifications"]:
                if specification in named and named[specification].body["item"] != line["item"]:
                    yield "R08"

    def _fits_what_is_in_force(self, contract: Said, change: Said) -> Iterator[str]:
        """R28, R14, R15: it says truly what it changes. R27: no limit falls below what was called off."""
        now, body = self.terms(contract), change.body
        if body.get("last_day"):
            if body["last_day"]["was"] != now.last:
                yield "R28"
            if body["last_day"]["now"] < contract.body["period"]["first"]:
                yield "R28"
        tolerance = body.get("tolerance_percent")
        if tolerance and fraction(tolerance["was"]) != now.tolerance:
            yield "R28"
        for line in body.get("lines", []):
            if line["line"] not in now.lines:
                yield "R14"
                continue
            if not _was(now.lines[line["line"]], line):
                yield "R28"
            ceilings = [one for one in (line.get("ceiling") or {}).values() if one]
            if any(one["unit"] != now.lines[line["line"]]["unit"] for one in ceilings):
                yield "R15"
        if any(line["line"] in now.lines for line in body.get("added", [])):
            yield "R28"
        for day in self.days(contract, change):
            if day < date.fromisoformat(body["effective"]):
                continue
            old, new = self.terms(contract, day), self.terms(contract, day, also=change)
            for line in old.lines:
                before, after = self.ceiling(old, line), self.ceiling(new, line)
                falls = after is not None and (before is None or after < before)
                if falls and self.called(contract, line) > after:
                    yield "R27"

    def called(self, contract: Said, line: str) -> Fraction:
        raise NotImplementedError


def _line(line: dict[str, Any]) -> dict[str, Any]:
    named = line.get("specification")
    return {
        "unit": line["unit"],
        "item": line["item"],
        "ceiling": line.get("ceiling"),
        "price": line.get("price"),
        "specifications": [named] if named else [],
    }


def _changed(terms: Terms, body: dict[str, Any]) -> Terms:
    lines = {name: dict(line) for name, line in terms.lines.items()}
    for change in body.get("lines", []):
        line = lines.get(change["line"])
        if line is None:  # added by an amendment that is effective later
            continue
        for what in ("ceiling", "price"):
            if change.get(what):
                line[what] = change[what]["now"]
        if change.get("specification"):
            line["specifications"] = [*line["specifications"], change["specification"]["now"]]
    lines |= {line["line"]: _line(line) for line in body.get("added", []) if line["line"] not in lines}
    last = body["last_day"]["now"] if body.get("last_day") else terms.last
    tolerance = body["tolerance_percent"]["now"] if body.get("tolerance_percent") else None
    return Terms(last, terms.tolerance if tolerance is None else fraction(tolerance), lines)


def _was(line: dict[str, Any], change: dict[str, Any]) -> bool:
    """Whether a change of a line says what is in force."""
    told = change.get("specification")
    now = line["specifications"][-1] if line["specifications"] else None
    if told and told["was"] != now:
        return False
    return all(
        _worth(change[what]["was"]) == _worth(line[what]) for what in ("ceiling", "price") if change.get(what)
    )


def _worth(told: dict[str, str] | None) -> object:
    """A quantity, a price or a commitment, however it is written: `5.0` is `5`."""
    if told is None:
        return None
    number = told.get("value") or told.get("amount")
    unit = told.get("unit") or told.get("currency") or told["commitment"]
    return (fraction(number) if number else None, unit)
