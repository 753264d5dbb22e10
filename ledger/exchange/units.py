"""Published units to UN/CEFACT Recommendation 20 codes: a table of exact names, and nothing clever.

A unit is mapped in two cases only:

* it carries a code of the scheme `UNCEFACT` that is one of `ledger.units.UNITS`;
* its name is one of `NAMES`, but for capitals, accents and white space: `Metro  Cuadrado` is `metro cuadrado`.

If both are there they must agree. Everything else is left to a person, with the reason. So `Unidad` is H87 and
`Mes` is MON; `Caja 10 ampollas` is a package, and nobody but the buyer knows whether boxes or ampoules were
meant; `Unidad/Mes` is two units; `kit`, `m` or `t` may be several things.

Packages (UN/CEFACT Recommendation 21, and the few package codes of Recommendation 20) are recognised to say so,
never to count them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.units import UNITS

SCHEME: Final = "UNCEFACT"
"""The name of UN/CEFACT Recommendation 20 in OCDS's codelist unitClassificationScheme."""

_NAMES_BY_CODE: Final[Mapping[str, str]] = {
    "H87": "unidad, unidades, und, pieza, piezas, unit, units, piece, pieces",
    "EA": "cada uno, each",
    "PR": "par, pares, pair, pairs",
    "SET": "juego, juegos, set, sets",
    "KGM": "kilogramo, kilogramos, kilo, kilos, kilogram, kilograms, kilogramme, kilogrammes, kg",
    "GRM": "gramo, gramos, gram, grams, gramme, grammes",
    "LTR": "litro, litros, litre, litres, liter, liters",
    "MLT": "mililitro, mililitros, millilitre, millilitres, milliliter, milliliters, ml",
    "MTR": "metro, metros, metre, metres, meter, meters",
    "CMT": "centimetro, centimetros, centimetre, centimetres, centimeter, centimeters, cm",
    "MTK": "metro cuadrado, metros cuadrados, square metre, square metres, square meter, square meters, m2",
    "MTQ": "metro cubico, metros cubicos, cubic metre, cubic metres, cubic meter, cubic meters, m3",
    "TNE": "tonelada, toneladas, tonelada metrica, toneladas metricas, tonne, tonnes, metric ton, metric tons",
    "HUR": "hora, horas, hour, hours",
    "DAY": "dia, dias, day, days",
    "MON": "mes, meses, month, months",
}

NAMES: Final[Mapping[str, str]] = {
    name: code for code, names in _NAMES_BY_CODE.items() for name in names.split(", ")
}
"""Rec 20 code by folded name, Spanish and English. Abbreviations only where they have one reading."""

PACKAGE_WORDS: Final = frozenset(
    """
    ampolla ampollas bidon bidones bolsa bolsas botella botellas bulto bultos caja cajas caneca canecas carton
    cartones envase envases fardo fardos frasco frascos lata latas paca pacas paquete paquetes pote
    potes resma resmas rollo rollos saco sacos sobre sobres tambor tambores tarro tarros tubo tubos vial viales
    bag bags bale bales bottle bottles box boxes bundle bundles can cans cartons case cases crate crates
    drum drums jar jars pack packs package packages packet packets pallet pallets ream reams roll rolls sachet
    sachets sack sacks tin tins tray trays tube tubes
    """.split()
)
"""A unit whose name begins with one of these is a package of something."""

PACKAGE_CODES: Final = frozenset(
    "AM BA BE BG BJ BL BO BT BX CA CN CR CS CT D97 DR JR PA PK PX RM RO SA TB TU".split()
)
"""Common package codes: UN/CEFACT Rec 21, and D97 (pallet, unit load) of Rec 20."""


class Reason(StrEnum):
    """Why an item stands in no draft; the words are those of reports, and stable."""

    NO_UNIT = "no unit"
    PACKAGE = "a package is not a quantity"
    UNKNOWN_UNIT = "unit not in the table"
    UNITS_DISAGREE = "unit code and unit name disagree"
    NOT_AN_ITEM = "not an item"
    NO_URI = "no URI that fits"
    NO_DRAFT = "its release gives no draft"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Why one item is not mapped: the reason all such items share, and what was found in this one."""

    reason: Reason
    found: str


def map_unit(name: str, code: str, scheme: str) -> str | Unmapped:
    """The Rec 20 code of a published unit, or why it has none.

    `name` is the unit's name, `code` its code in `scheme`; "" where the source gives none. A code of any scheme
    but `SCHEME` says nothing here, nor does one without a scheme.
    """
    if scheme != SCHEME and code and not name:
        return Unmapped(
            Reason.UNKNOWN_UNIT, f"the code {code[:20]!r} is of the scheme {scheme[:20]!r}, not {SCHEME}"
        )
    if scheme != SCHEME or not code:
        return _by_name(name) if name else Unmapped(Reason.NO_UNIT, "the item names no unit")
    by_code = _by_code(code)
    by_name = _by_name(name) if name else by_code
    if isinstance(by_code, Unmapped) or by_name == by_code:
        return by_code
    if isinstance(by_name, Unmapped) and by_name.reason is Reason.UNKNOWN_UNIT:
        return by_code  # a name in another language takes nothing away from a code
    said = "a package" if isinstance(by_name, Unmapped) else by_name
    return Unmapped(Reason.UNITS_DISAGREE, f"the code says {by_code}, the name {name[:60]!r} says {said}")


def _by_name(name: str) -> str | Unmapped:
    folded = _fold(name)
    if folded in NAMES:
        return NAMES[folded]
    if folded.partition(" ")[0] in PACKAGE_WORDS:
        return Unmapped(Reason.PACKAGE, f"{name[:60]!r} is a package: count what is in it")
    return Unmapped(Reason.UNKNOWN_UNIT, f"{name[:60]!r} is not the exact name of a unit known here")


def _by_code(code: str) -> str | Unmapped:
    if code in UNITS:
        return code
    if code in PACKAGE_CODES:
        return Unmapped(Reason.PACKAGE, f"{code} is the code of a package: count what is in it")
    return Unmapped(Reason.UNKNOWN_UNIT, f"{code[:20]!r} is not a code known here")


def _fold(name: str) -> str:
    """Without capitals, accents and surplus white space; compatibility forms too, so that m² is m2."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
