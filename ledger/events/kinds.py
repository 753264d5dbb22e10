"""How the JSON Schemas write each kind of value that has a reader of its own in `ledger.events.fields`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import WithJsonSchema

from ledger.events.codes import COUNTRIES, CURRENCIES, INCOTERMS
from ledger.limits import FRACTION_DIGITS, INTEGER_DIGITS
from ledger.units import UNITS

DATE_PATTERN: Final = "(19[7-9][0-9]|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}"
_HOUR_MINUTE: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
TIME_PATTERN: Final = f"{DATE_PATTERN}T{_HOUR_MINUTE}:[0-5][0-9](\\.[0-9]{{1,6}})?(Z|[+-]{_HOUR_MINUTE})"
_DECIMAL: Final = {
    "description": f"A decimal number as text: no sign, no exponent, at most {INTEGER_DIGITS} digits before and "
    f"{FRACTION_DIGITS} after the point.",
    "type": "string",
    "pattern": rf"^(0|[1-9][0-9]{{0,{INTEGER_DIGITS - 1}}})(\.[0-9]{{1,{FRACTION_DIGITS}}})?$",
}
_UNIT: Final = {
    "description": "UN/CEFACT Rec 20 code: "
    + ", ".join(f"{code} {UNITS[code]}" for code in sorted(UNITS))
    + ".",
    "type": "string",
    "enum": sorted(UNITS),
}
_CURRENCY: Final = {"description": "ISO 4217 code.", "type": "string", "enum": sorted(CURRENCIES)}


def _pair(description: str, example: Mapping[str, str], **members: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these members."""
    return {
        "description": description,
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
        "examples": [example],
    }


def _quantity(description: str) -> dict[str, Any]:
    return _pair(description, {"value": "12.5", "unit": "KGM"}, value=_DECIMAL, unit=_UNIT)


KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Time": {
        "description": "RFC 3339 time with its offset, 1970 to 2199.",
        "type": "string",
        "format": "date-time",
        "pattern": f"^{TIME_PATTERN}$",
        "examples": ["2026-05-04T16:20:00+05:30"],
    },
    "Date": {
        "description": "A calendar day, by the calendar of whoever signs.",
        "type": "string",
        "format": "date",
        "pattern": f"^{DATE_PATTERN}$",
        "examples": ["2026-05-04"],
    },
    "Quantity": _quantity("A quantity of more than 0 (which the schema cannot say)."),
    "Amount": _quantity("A quantity of 0 or more."),
    "Money": _pair(
        "An exact amount of money.", {"amount": "55", "currency": "INR"}, amount=_DECIMAL, currency=_CURRENCY
    ),
    "Percent": {**_DECIMAL, "description": "A percentage from 0 to 100, as text.", "examples": ["2.5"]},
    "Party": {
        "description": "A public key as `did:key`; a party's id is that of its first key.",
        "type": "string",
        "pattern": "^did:key:z[1-9A-HJ-NP-Za-km-z]+$",
        "examples": ["did:key:z6MkrYNcjJmoZ5mPKuHHAkXRuaYRKLEQwNpcBWzPQyRSfe2K"],
    },
    "Unit": {**_UNIT, "examples": ["H87"]},
    "Country": {
        "description": "ISO 3166-1 alpha-2 code.",
        "type": "string",
        "enum": sorted(COUNTRIES),
        "examples": ["IN"],
    },
    "Incoterm": {
        "description": "Incoterms 2020 code.",
        "type": "string",
        "enum": sorted(INCOTERMS),
        "examples": ["DAP"],
    },
}


def written(kind: str) -> WithJsonSchema:
    """The JSON Schema of a field of this kind; its title says which."""
    return WithJsonSchema({"title": kind, **KINDS[kind]})
