"""A log without signatures, for the rules: events are read, ruled and folded where they are said.

Ids are hashes of what is said by whom about what, so the same said twice has the same id. Quantities are written
as a person writes them: `400` pieces, `"0.1 KGM"`.

    world = World()
    world.framework(ceiling=1000)
    order = world.accepted(world.calloff(1000))
    part = world.accepted(world.allot(order, "Asha", 400))
    lot = world.sign_off(part, "A1", 300)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.events.base import Event, Recorded
from ledger.events.opened import Opened
from ledger.rules.catalogue import Odd, Rule
from ledger.rules.findings import Finding, contract_findings
from ledger.rules.gathering import situation
from ledger.rules.situation import Situation
from ledger.rules.state import MemoryState
from ledger.statement.envelope import Statement
from ledger.units import Entry, StatementId
from tests.support.sayings.after import AfterSayings
from tests.support.sayings.contract import ContractSayings
from tests.support.sayings.goods import GoodsSayings
from tests.support.sayings.orders import OrderSayings
from tests.support.sayings.parties import PartySayings
from tests.support.words import (
    CAST,
    MORNING,
    ORIGIN,
    PLACE,
    calloff_body,
    drawn,
    framework_body,
    key_of,
    names,
    none_of,
    party,
    payload_of,
    policy_body,
    quantity,
    sign_off_body,
)

__all__ = [
    "CAST",
    "MORNING",
    "ORIGIN",
    "PLACE",
    "World",
    "calloff_body",
    "drawn",
    "framework_body",
    "key_of",
    "names",
    "none_of",
    "opened",
    "party",
    "payload_of",
    "policy_body",
    "quantity",
    "refused",
    "sign_off_body",
]


class World(PartySayings, ContractSayings, OrderSayings, GoodsSayings, AfterSayings):
    """The fold, the log behind it, and short ways to say things. `contract` is the one opened last."""

    def __init__(self, cast: Mapping[str, str] = CAST, **limits: int) -> None:
        self.state = MemoryState()
        self.log: list[Recorded[Event]] = []
        self.written: dict[StatementId, Mapping[str, Any]] = {}
        self.contract = StatementId("")
        self.say("Operator", "log.policy", policy_body(**limits))
        for name, kind in cast.items():
            self.enrol(name, kind)

    def at(self, as_of: str | None = None) -> Situation:
        return situation(self.state, self.contract, datetime.fromisoformat(as_of) if as_of else None)

    def findings(self, odd: Odd | None = None, as_of: str | None = None) -> list[Finding]:
        found = contract_findings(self.state, self.contract, datetime.fromisoformat(as_of) if as_of else None)
        return [finding for finding in found if odd in {None, finding.odd}]


def opened(recorded: Recorded[Event], payload: Mapping[str, Any]) -> Opened:
    """As if it had been signed and opened; only its bytes and its signature are not there."""
    statement = Statement(
        data=b"",
        id=recorded.id,
        entry=Entry(bytes.fromhex(recorded.id)),
        algorithm=-8,
        kid=recorded.kid,
        iss=recorded.iss,
        sub=recorded.sub,
        iat=0,
        payload=dict(payload),
    )
    return Opened(statement, recorded.event)


@contextmanager
def refused(rule: Rule, *, retriable: bool = False) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What stands inside is refused by this very rule."""
    with pytest.raises(Refused) as caught:
        yield caught
    assert (caught.value.rule, caught.value.retriable) == (rule.label, retriable)
