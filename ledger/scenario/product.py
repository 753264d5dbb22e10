"""What a story makes: a face shield, its check plan, and the PET sheet its visors are cut from.

The plan stands once, here: the specification publishes it and every sign-off says how it was followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

LINE: Final = "1"
UNIT: Final = "H87"
PACK: Final = 10
"""Pieces in a pack."""
PRICE_INR: Final = 55
"""Of one piece."""

ITEM: Final = "https://demo.tallystick.example/item/face-shield"
DESCRIPTION: Final = "Face shield: PET visor 0.5 mm, foam headband, elastic strap"
SHEET: Final = "https://demo.tallystick.example/item/pet-sheet-0.5"
SHEET_SUPPLIER: Final = "Clear Sky Sheet Mills"


class Planned(NamedTuple):
    """One check of the plan."""

    characteristic: str
    method: str
    limit: str
    sampling: str
    least: int
    by: str


MAKERS_CHECKS: Final = (
    Planned(
        "visor clarity",
        "read a printed line at one metre through the visor",
        "no letter misread",
        "at random from all packs of the lot",
        least=80,
        by="maker",
    ),
    Planned(
        "visor scratches and burrs",
        "look and feel along all edges",
        "1 in 80, none that cuts",
        "the same pieces",
        least=80,
        by="maker",
    ),
    Planned(
        "headband strength",
        "pull to 30 N on a spring balance for 10 seconds",
        "none gives way",
        "at random, after an hour of rest",
        least=20,
        by="maker",
    ),
    Planned(
        "pieces in a pack",
        f"count out packs of {PACK}",
        f"{PACK} in each",
        "every tenth pack",
        least=8,
        by="maker",
    ),
)
_INSPECTORS_CHECK: Final = Planned(
    "visor thickness",
    "micrometer, at three points",
    "0.45 mm to 0.55 mm",
    "ISO 2859-1, level S-2",
    least=8,
    by="inspector",
)

SPECIFICATION: Final[Mapping[str, Any]] = {
    "item": ITEM,
    "revision": "C",
    "design": {
        "sha256": "6a1f0c9d3be24875a0c6de91f8237b54cc0e6f1d92a87b3504e8d61f2c79ab30",
        "size": 48_213,
        "media_type": "application/toml",
        "name": "face-shield-c.okh.toml",
    },
    "checks": [one._asdict() for one in (*MAKERS_CHECKS, _INSPECTORS_CHECK)],
}
"""The body of the face shield's `specification.published`."""


def quantity(pieces: int) -> dict[str, str]:
    """A quantity as events write it."""
    return {"value": str(pieces), "unit": UNIT}


def packs(pieces: int) -> int:
    """How many packs hold so many pieces; the last may be short of some."""
    return -(-pieces // PACK)


def drawn(pieces: int) -> list[dict[str, Any]]:
    """So many pieces of the one line, as orders, allocations and payments write them."""
    return [{"line": LINE, "quantity": quantity(pieces)}]


def checks_done(made: int, unclear: int) -> Iterator[dict[str, Any]]:
    """The maker's checks on a lot as its sign-off tells them; of a few pieces each is looked at."""
    visors = 125 if made > 2_000 else 80
    for check in MAKERS_CHECKS:
        sample = visors if check.characteristic.startswith("visor") else check.least
        failed = {"visor clarity": unclear, "visor scratches and burrs": 1}.get(check.characteristic, 0)
        yield {
            "characteristic": check.characteristic,
            "method": check.method,
            "sample": min(sample, made),
            "failed": failed,
        }
