"""How the machine says things: mostly as they ought to be said, and now and then with one thing wrong.

Every action works out from the naive model who may say what, and about what; `tell` then lets chance spoil it: another
signer, key, subject, reference, line or unit, or more bytes than allowed.
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any, NamedTuple, TypeVar

from tests.support.judged import STATEMENT_BYTES, Judged
from tests.support.naive import Naive, Said
from tests.support.naive.said import OTHER_UNIT, STEP, written
from tests.support.world import party, payload_of

PARTIES = ("Agency", "Prime", "Hub", "Asha", "Bo", "Cy", "Store", "Ines", "Dee", "Eve", "Operator")
NOBODY_YET = ("Cy", "Eve")
SEVERAL_DEVICES = ("Asha", "Hub", "Bo", "Cy")
DEVICES = [*PARTIES, *(f"{name} {n}" for name in SEVERAL_DEVICES for n in (2, 3)), "Shared"]
NAMES = {party(name): name for name in DEVICES}
NOWHERE = "ab" * 32
PLACE = {"country": "IN", "region": "IN-MH", "locality": "Pune"}
DAY, EARLIER, LATER, AFTERWARDS = (f"2026-{day}T09:00:00" for day in ("05-04", "03-15", "06-15", "12-31"))
NIGHT = "2026-05-10T23:30:00"
"""Far in the west, where it is still the day before."""

Action = TypeVar("Action", bound=Callable[..., None])


class Odds(NamedTuple):
    """What chance decides about one statement."""

    size: str
    liar: str | None = None
    """Who signs in place of the one who may; None is the one who may."""
    slip: str | None = None
    """What else is wrong with it."""
    at: str = DAY

    def surely(self) -> "Odds":
        """With nothing wrong."""
        return self._replace(liar=None, slip=None)


SIZES = ("all", "all", "all", "half", "half", "a bit", "a bit", "one more", "much")
LIARS = (*[None] * 3 * len(PARTIES), *PARTIES)
SLIPS = (*[None] * 24, "unit", "line", "ref", "ref", "sub", "key", "old key", "bytes")
TIMES = (*[DAY] * 8, EARLIER, NIGHT, LATER, AFTERWARDS)


def says(often: int = 1) -> Callable[[Action], Action]:
    """Marks an action of the machine, and how often it is taken compared with others."""

    def mark(action: Action) -> Action:
        action.often = often  # type: ignore[attr-defined]
        return action

    return mark


def actions(machine: type) -> list[str]:
    """The names of all actions, each as often as it is to be taken."""
    return [name for name in dir(machine) for _ in range(getattr(getattr(machine, name), "often", 0))]


class Speaking:
    """What all actions share."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.judged = Judged()
        self.contracts: list[str] = []
        self.said = list(self.judged.naive.log)
        """All that was ever said, admitted or not."""

    def odds(self) -> Odds:
        return Odds(*map(self.chance.choice, (SIZES, LIARS, SLIPS, TIMES)))

    @property
    def naive(self) -> Naive:
        return self.judged.naive

    # Saying

    def tell(
        self,
        by: Odds,
        signer: str,
        type_name: str,
        body: Any = None,
        refs: Any = None,
        sub: str | None = None,
    ) -> Said:
        """About the contract or party `sub`, or the signer itself."""
        one = self.draft(by, signer, type_name, body, refs, sub)
        self.submit(one)
        return one

    def draft(
        self,
        by: Odds,
        signer: str,
        type_name: str,
        body: Any = None,
        refs: Any = None,
        sub: str | None = None,
    ) -> Said:
        """Never the same twice: what is said again is said a moment later."""
        signer = by.liar or signer
        told = {"refs": {role: ref for role, ref in (refs or {}).items() if ref}, "body": body or {}}
        about = sub or party(signer)
        if by.slip == "ref":
            told = self._other_reference(told)
        elif by.slip in {"unit", "line"} and type_name != "framework.signed":
            told = json.loads(json.dumps(told))
            _spoil(self.chance, told["body"], by.slip)
        elif by.slip == "sub":
            about = self.chance.choice(
                [NOWHERE, party("Agency"), *self.contracts, *[one.id for one in self.said[-1:]]]
            )
        at = f"{by.at}.{len(self.said):06}" + ("-11:00" if by.at == NIGHT else "+05:30")
        payload = payload_of(type_name, told["body"], told["refs"], at)
        size = STATEMENT_BYTES + (by.slip == "bytes")
        one = self.judged.said(signer, payload, about, self._device(by, signer), size)
        self.said.append(one)
        return one

    def submit(self, one: Said) -> str:
        return self.judged.submit(one)

    def _device(self, by: Odds, signer: str) -> str:
        """One of the signer's valid keys; "" is its first."""
        keys = self.naive.keys(party(signer))
        fit = [NAMES[key] for key, valid in keys.items() if valid is (by.slip != "old key")]
        device = self.chance.choice(DEVICES if by.slip == "key" else fit or [signer])
        return "" if device == signer else device

    def _other_reference(self, told: dict[str, Any]) -> dict[str, Any]:
        """With one id replaced by another, wherever it stands."""
        named = [ref for refs in told["refs"].values() for ref in ([refs] if isinstance(refs, str) else refs)]
        if not named:
            return told
        others = [id for id in (NOWHERE, *[one.id for one in self.said]) if id not in named]
        return json.loads(json.dumps(told).replace(self.chance.choice(named), self.chance.choice(others)))  # type: ignore[no-any-return]

    # Choosing

    def some(
        self, *types: str, where: Callable[[Said], bool] = lambda _: True, under: Said | None = None
    ) -> Said | None:
        """One of those admitted; mostly one of those that `where` holds for, if there are any."""
        found = self.naive.of(*types, under=under)
        wanted = [one for one in found if where(one)] if self.chance.random() < 0.9 else []
        return self.chance.choice(wanted or found) if found else None

    def a_contract(self) -> Said:
        return self.naive.one(self.chance.choice(self.contracts))

    def size(self, by: Odds, room: Fraction, unit: str) -> dict[str, str]:
        wanted = {
            "all": room,
            "one more": room + STEP[unit],
            "half": STEP[unit] * int(room / 2 / STEP[unit]),
            "a bit": STEP[unit] * 3,
            "much": Fraction(10**9),
        }[by.size]
        return written(wanted, unit)

    def speaker(self, did: str, contract: str) -> tuple[str, str | None]:
        """Who signs for a party, and under which delegation: itself under none, or whoever it once lent it to."""
        lent = [a for a in self.naive.of("delegation.granted") if a.did == did and a.sub == contract]
        granted = self.chance.choice([*lent, None])
        return (NAMES[granted.body["to"]], granted.id) if granted else (NAMES[did], None)


def _spoil(chance: Random, body: dict[str, Any], what: str) -> None:
    """Another unit, or a line that there is not, in one entry of the body."""
    entries = [entry for entry in _entries(body) if what == "unit" or "line" in entry]
    entry = chance.choice(entries or [{}])
    if what == "line":
        entry["line"] = "9"
        return
    for name, value in entry.items():
        if isinstance(value, dict) and value.get("unit") in OTHER_UNIT:
            entry[name] = {"value": str(ceil(Fraction(value["value"]))), "unit": OTHER_UNIT[value["unit"]]}


def _entries(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects in which lines and quantities stand."""
    if "line" in body:
        yield body
    for name in ("lines", "items", "unattributed"):
        yield from body.get(name, [])
