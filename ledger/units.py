"""Domain types: indices, sizes, ids and quantities are never bare numbers and strings.

Quantities and money are exact decimals (never floats), added and compared only within one unit. All
arithmetic runs in `EXACT`, a decimal context that raises rather than rounds.
"""

from __future__ import annotations

import decimal
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, NewType

import msgspec

from ledger.errors import Malformed
from ledger.limits import FRACTION_DIGITS, INTEGER_DIGITS

LeafIndex = NewType("LeafIndex", int)
"""An entry's 0-based place in the log."""

TreeSize = NewType("TreeSize", int)
"""How many entries a tree has; an index is always below a size."""

Hash = NewType("Hash", bytes)
"""32 bytes: a node of the Merkle tree (leaf hash, interior node or root)."""

Entry = NewType("Entry", bytes)
"""32 bytes: SHA-256 of a statement, which is what the log holds."""

StatementId = NewType("StatementId", str)
"""64 lower-case hex digits: SHA-256 of a statement's bytes."""

PartyId = NewType("PartyId", str)
"""`did:key` of a party's first key."""

KeyId = NewType("KeyId", bytes)
"""32 bytes: RFC 9679 thumbprint of a public key."""

HASH_BYTES: Final = 32

EXACT: Final = decimal.Context(
    prec=64, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow, decimal.DivisionByZero]
)

_STATEMENT_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DECIMAL = re.compile(rf"(0|[1-9][0-9]{{0,{INTEGER_DIGITS - 1}}})(\.[0-9]{{1,{FRACTION_DIGITS}}})?", re.ASCII)

UNITS: Final = {
    # UN/CEFACT Recommendation 20 common codes. Packages (BX, CT) are not quantities and are left out.
    "H87": "piece",
    "EA": "each",
    "PR": "pair",
    "SET": "set",
    "KGM": "kilogram",
    "GRM": "gram",
    "LTR": "litre",
    "MLT": "millilitre",
    "MTR": "metre",
    "CMT": "centimetre",
    "MTK": "square metre",
    "MTQ": "cubic metre",
    "TNE": "tonne",
    "HUR": "hour",
    "DAY": "day",
    "MON": "month",
}
COUNTED_UNITS: Final = frozenset({"H87", "EA", "PR", "SET"})
"""Units of which there is no half."""


def parse_statement_id(text: str) -> StatementId:
    """Read a full statement id. Raises `Malformed`."""
    if not _STATEMENT_ID.fullmatch(text):
        raise Malformed(f"{text[:80]!r} is not a statement id", expected="64 lower-case hexadecimal digits")
    return StatementId(text)


def parse_decimal(text: str) -> Decimal:
    """Read a plain non-negative decimal such as `12.5`: no sign, exponent, leading zero or bare point.

    Raises `Malformed`.
    """
    if not _DECIMAL.fullmatch(text):
        raise Malformed(
            f"{text[:40]!r} is not a decimal number",
            expected=f"digits such as 200000 or 12.5: no sign, no exponent, at most {INTEGER_DIGITS} digits "
            f"before and {FRACTION_DIGITS} after the point",
        )
    return Decimal(text)


def format_decimal(value: Decimal, group: str = "") -> str:
    """Write a decimal in its one shortest plain form: `12.50` as `12.5`, never an exponent.

    With a `group` character thousands are set apart for people.
    """
    text = format(value, f"{group}f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Quantity(msgspec.Struct, frozen=True):
    """An exact amount in a UN/CEFACT Rec 20 unit; comparing or adding across units is refused."""

    value: Decimal
    unit: str

    @classmethod
    def zero(cls, unit: str) -> Quantity:
        return cls(Decimal(0), unit)

    def _same_unit(self, other: Quantity) -> None:
        if self.unit != other.unit:
            raise Malformed(
                f"{self.unit} does not combine with {other.unit}", expected="one unit, no conversion"
            )

    def __add__(self, other: Quantity) -> Quantity:
        self._same_unit(other)
        return Quantity(EXACT.add(self.value, other.value), self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        self._same_unit(other)
        return Quantity(EXACT.subtract(self.value, other.value), self.unit)

    def __lt__(self, other: Quantity) -> bool:
        self._same_unit(other)
        return self.value < other.value

    def __le__(self, other: Quantity) -> bool:
        self._same_unit(other)
        return self.value <= other.value

    def __gt__(self, other: Quantity) -> bool:
        return other < self

    def __ge__(self, other: Quantity) -> bool:
        return other <= self

    def with_tolerance(self, percent: Decimal) -> Quantity:
        """This quantity plus `percent` of it, exact; whole ones only of what is counted, rounded down."""
        factor = EXACT.add(Decimal(1), EXACT.multiply(percent, Decimal("0.01")))
        most = EXACT.multiply(self.value, factor)
        if self.unit in COUNTED_UNITS:
            most = most.to_integral_value(decimal.ROUND_FLOOR, EXACT)
        return Quantity(most, self.unit)

    def __str__(self) -> str:
        """As a person says it: `200,000 pieces`, `1 kilogram`."""
        name = UNITS.get(self.unit, self.unit)
        plural = "" if self.value in (1, -1) or name == "each" else "s"
        return f"{format_decimal(self.value, group=',')} {name}{plural}"


@lru_cache(maxsize=4096)
def parse_quantity(value: str, unit: str) -> Quantity:
    """Read a quantity of zero or more. Raises `Malformed` for a bad number, an unknown unit, a package code,
    or a fraction of something that is counted.

    The last few thousand read are remembered: the same few figures are said again and again, and shared.
    """
    if unit not in UNITS:
        raise Malformed(
            f"{unit[:20]!r} is not a unit of quantity known here",
            expected="a UN/CEFACT Rec 20 code: " + ", ".join(sorted(UNITS)),
            hint="packages (BX, CT) are not quantities: count what is in them",
        )
    amount = parse_decimal(value)
    if "." in value and unit in COUNTED_UNITS and amount != amount.to_integral_value():
        raise Malformed(
            f"{value} {unit} is not a whole number",
            expected=f"a whole number, as {unit} ({UNITS[unit]}) is counted",
        )
    return Quantity(amount, unit)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in an ISO 4217 currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {format_decimal(self.amount, group=',')}"
