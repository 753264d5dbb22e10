"""One statement as the naive model sees it, and quantities as fractions."""

from datetime import date
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any, NamedTuple

from tests.support.world import party

WHOLE = {"H87"}
STEP = {"H87": Fraction(1), "KGM": Fraction(1, 1000)}
OTHER_UNIT = {"H87": "KGM", "KGM": "H87"}

fraction = cache(Fraction)


class Said(NamedTuple):
    """Who said what about which subject, with which key."""

    id: str
    signer: str
    sub: str
    payload: dict[str, Any]
    device: str = ""
    """Whose key signed, where it is not the signer's first."""
    size: int = 1_000
    """In bytes."""

    @property
    def type(self) -> str:
        return str(self.payload["type"])

    @property
    def refs(self) -> dict[str, Any]:
        return self.payload["refs"]  # type: ignore[no-any-return]

    @property
    def body(self) -> dict[str, Any]:
        return self.payload["body"]  # type: ignore[no-any-return]

    @property
    def did(self) -> str:
        return party(self.signer)

    @property
    def key(self) -> str:
        return party(self.device or self.signer)

    @property
    def day(self) -> date:
        """By the signer's own calendar."""
        return date.fromisoformat(self.payload["occurred_at"][:10])

    def named(self, role: str) -> list[str]:
        """The ids under one role."""
        refs = self.refs.get(role) or []
        return [refs] if isinstance(refs, str) else refs

    def lines(self) -> dict[str, tuple[Fraction, str]]:
        return {one["line"]: amount(one["quantity"]) for one in self.body["lines"]}

    def __str__(self) -> str:
        with_key = f" with {self.device}" if self.device else ""
        about = f"{self.sub[:8]}…{self.sub[-4:]}"
        return f"{self.id[:8]}: {self.signer}{with_key} says {self.type} of {about}, refs {self.refs}, {self.body}"


def amount(quantity: dict[str, str]) -> tuple[Fraction, str]:
    return fraction(quantity["value"]), quantity["unit"]


def most(quantity: Fraction, unit: str, percent: Fraction) -> Fraction:
    """A quantity with a tolerance on it; of what is counted only whole ones."""
    with_tolerance = quantity * (1 + percent / 100)
    return Fraction(floor(with_tolerance)) if unit in WHOLE else with_tolerance


def written(value: Fraction, unit: str) -> dict[str, str]:
    """A quantity of at least one step, rounded down to what can be written: whole pieces, six digits."""
    value = Fraction(floor(value)) if unit in WHOLE else value
    fine = max(value, STEP[unit]) * 10**6
    text = f"{int(fine) // 10**6}.{int(fine) % 10**6:06}"
    return {"value": text.rstrip("0").rstrip("."), "unit": unit}
