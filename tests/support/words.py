"""Names, keys, quantities and bodies of events, as tests write them: what `World` says is made of these.

Quantities are written as a person writes them: `400` pieces, `"0.1 KGM"`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from ledger.proof.note import VerifierKey, format_vkey
from ledger.statement.keys import PublicKey
from ledger.statement.signer import Ed25519Signer
from ledger.units import PartyId

ORIGIN = "log.example/world"
MORNING = "2026-05-04T09:00:00+05:30"
PLACE = {"country": "IN", "region": "IN-MH", "locality": "Pune"}
CHECK = {"characteristic": "visor clear", "method": "by eye", "sample": 20, "failed": 0}
CAST = {
    "Agency": "agency",
    "Prime": "prime",
    "Hub": "hub",
    "Asha": "maker",
    "Bo": "maker",
    "Store": "consignee",
    "Ines": "inspector",
}


@lru_cache
def key_of(name: str) -> PublicKey:
    return Ed25519Signer.from_seed(sha256(name.encode()).digest()).public


def party(name: str) -> PartyId:
    return key_of(name).did


def names() -> list[str]:
    return [*CAST, "Cy", "Dee", "Eve", "Operator"]


def quantity(said: object) -> dict[str, str]:
    """`400` and `"400"` are pieces, `"0.1 KGM"` says its unit."""
    value, _, unit = str(said).partition(" ")
    return {"value": value, "unit": unit or "H87"}


def drawn(said: object) -> list[dict[str, Any]]:
    """`400` is a quantity of line 1; a mapping is line -> quantity; a list of pairs may name a line twice."""
    pairs = said.items() if isinstance(said, Mapping) else said if isinstance(said, list) else [("1", said)]
    return [{"line": line, "quantity": quantity(one)} for line, one in pairs]


def none_of(said: object) -> str:
    """0 in the same unit."""
    return f"0 {quantity(said)['unit']}"


def payload_of(type_name: str, body: Mapping[str, Any], refs: Mapping[str, Any], at: str = MORNING) -> dict:
    return {
        "type": type_name,
        "version": 1,
        "occurred_at": at,
        "prev": None,
        "refs": {role: ref for role, ref in refs.items() if ref is not None},
        "body": dict(body),
    }


def policy_body(agencies: Sequence[str] = ("Agency",), **limits: int) -> dict[str, Any]:
    return {
        "origin": ORIGIN,
        "vkey": format_vkey(VerifierKey(ORIGIN, key_of("Operator"))),
        "agencies": [party(agency) for agency in agencies],
        "erasure": "On a court's order.",
        "limits": limits,
    }


def framework_body(lines: Mapping[str, object], tolerance: str = "0") -> dict[str, Any]:
    return {
        "reference": "LTA-7",
        "title": "Face shields",
        "prime": party("Prime"),
        "period": {"first": "2026-01-01", "last": "2026-12-31"},
        "lines": [_line(name, str(ceiling)) for name, ceiling in lines.items()],
        "law": "IN",
        "tolerance_percent": tolerance,
        "released_by": "maker",
    }


def calloff_body(lines: Sequence[Mapping[str, Any]], to: str, due: str = "2026-06-01") -> dict[str, Any]:
    return {"reference": "CO-1", "lines": lines, "consignee": party(to), "place": PLACE, "due": due}


def sign_off_body(lot: str, line: str, quantity: Mapping[str, str]) -> dict[str, Any]:
    """All that was made is released."""
    return {
        "line": line,
        "lot": lot,
        "made": quantity,
        "rejected": {"value": "0", "unit": quantity["unit"]},
        "released": quantity,
        "made_between": {"first": "2026-05-01", "last": "2026-05-03"},
        "place": PLACE,
    }


def _line(name: str, ceiling: str) -> dict[str, Any]:
    line = {"line": name, "item": f"https://items.example/{name}", "description": f"Thing {name}"}
    if ceiling.isalnum() and not ceiling[0].isdigit():
        return line | {"unit": ceiling}
    return line | {"unit": quantity(ceiling)["unit"], "ceiling": quantity(ceiling)}
