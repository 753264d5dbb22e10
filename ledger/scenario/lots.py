"""Lots in a story: how many pieces, of which sheet, when each is ready, and what its sign-off says.

The figures of a lot follow from its size alone, so that sums can be checked by hand:

    released                  3,000    2,500    1,700    1,670      500       25       24    pieces
    rejected                     18       15       11       11        3        1        1    6 in a thousand, rounded up
    kept back as samples          5        5        5        5        5        1        1
    made                      3,023    2,520    1,716    1,686      508       27       26
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from ledger.scenario.cast import IST
from ledger.scenario.people import LARGE, MEDIUM, SMALL, Hub, Maker
from ledger.scenario.product import LINE, SHEET, SHEET_SUPPLIER, checks_done, quantity

_PIECES: Final[Mapping[int, int]] = {LARGE: 3_000, MEDIUM: 2_500, SMALL: 1_700}
_DAYS: Final[Mapping[int, tuple[date, ...]]] = {
    LARGE: (date(2026, 3, 14), date(2026, 3, 21), date(2026, 3, 28), date(2026, 4, 4)),
    MEDIUM: (date(2026, 3, 24), date(2026, 4, 3)),
    SMALL: (date(2026, 4, 1),),
}
"""By the pieces its maker is to make: how large each lot is, and when each is ready."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as it is planned."""

    hub: Hub
    maker: Maker
    number: int
    """1, 2, ... of its maker."""
    released: int
    """Pieces."""
    signed_at: datetime
    sheet: str
    """The supplier's lot of PET sheet that its visors are cut from."""

    @property
    def name(self) -> str:
        return f"{self.maker.code}-{self.number:02}"

    @property
    def rejected(self) -> int:
        return -(-6 * self.released // 1000)

    @property
    def samples(self) -> int:
        """Pieces that its maker keeps back."""
        return 5 if self.released >= 500 else 1

    @property
    def made(self) -> int:
        return self.released + self.rejected + self.samples


def plan_lots(everywhere: Iterable[Hub]) -> list[Lot]:
    """The lots that make up what every maker is to make.

    Makers work a day and some minutes apart, so that no two of them sign at the same moment. A hub buys sheet for
    one round of lots at a time.
    """
    lots = []
    makers = [(hub, maker) for hub in everywhere for maker in hub.makers]
    for place, (hub, maker) in enumerate(makers):
        for number, day in enumerate(_DAYS[maker.pieces], 1):
            ready = datetime.combine(day, time(13), IST) + timedelta(days=place % 2, minutes=3 * place)
            sheet = f"CS-{hub.code}-{number}"
            lots.append(Lot(hub, maker, number, _PIECES[maker.pieces], ready, sheet))
    return lots


def sign_off_body(lot: Lot) -> dict[str, Any]:
    """The body of a lot's `batch.signed_off`: a week's work, what went into it, and how it was checked."""
    last = lot.signed_at.date()
    return {
        "line": LINE,
        "lot": lot.name,
        "made": quantity(lot.made),
        "rejected": quantity(lot.rejected),
        "released": quantity(lot.released),
        "made_between": {"first": (last - timedelta(days=6)).isoformat(), "last": last.isoformat()},
        "place": lot.maker.actor.place(),
        "checks": list(checks_done(lot.made, unclear=lot.number % 2)),
        "inputs": [{"item": SHEET, "lot": lot.sheet, "supplier": SHEET_SUPPLIER}],
        "remarks": f"{lot.samples} of the pieces made are kept back as samples",
    }
