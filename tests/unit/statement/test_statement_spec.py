"""specs/statement.md says what the vectors show, and its worked example is one of them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.limits import CBOR_DEPTH, JSON_DEPTH, REF_ROLES, REFS_PER_ROLE, SHORT_TEXT_CHARS, STATEMENT_BYTES
from ledger.statement.cose import decode_sign1
from ledger.statement.payload import INTEGER_MAX

SPECS = Path(__file__).parents[3] / "specs"


@pytest.fixture(scope="module")
def spec() -> str:
    return (SPECS / "statement.md").read_text()


@pytest.fixture(scope="module")
def index() -> dict[str, dict[str, Any]]:
    index: dict[str, dict[str, Any]] = json.loads(
        (SPECS / "vectors" / "statement" / "index.json").read_text()
    )
    return index


def rows(text: str) -> dict[str, str]:
    """The rows `| name | text |` of the tables in a piece of the page."""
    return dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE))


def test_every_refusal_is_listed_under_its_code(spec: str, index: dict[str, dict[str, Any]]) -> None:
    _, *sections = re.split(r"^### ", spec, flags=re.MULTILINE)
    listed = {re.match(r"`([a-z-]+)`", section)[1]: rows(section) for section in sections}  # type: ignore[index]
    published: dict[str, dict[str, str]] = {}
    for name, entry in index["bad"].items():
        published.setdefault(entry["error"], {})[name] = entry["why"]
    assert listed == published


def test_every_good_vector_is_listed(spec: str, index: dict[str, dict[str, Any]]) -> None:
    listed = rows(spec[spec.index("Good statements:") : spec.index("Broken statements")])
    assert listed == {name: entry["why"] for name, entry in index["good"].items()}


def test_the_worked_example_is_the_vector_byte_for_byte(spec: str) -> None:
    data = (SPECS / "vectors" / "statement" / "good" / "ed25519-eddsa.cbor").read_bytes()
    example = spec[spec.index("## 3.") : spec.index("## 4.")]
    dump = re.search(r"```\n(d2.*?)```", example, re.DOTALL)
    assert dump is not None
    lines = dump[1].splitlines()
    assert "".join(line.split(" ", 1)[0] for line in lines) == data.hex()
    assert f"{len(data)} bytes, id `{hashlib.sha256(data).hexdigest()}`" in example
    payload = decode_sign1(data).payload
    assert payload is not None
    assert f"```json\n{payload.decode()}\n```" in example
    key = json.loads((SPECS / "vectors" / "statement" / "keys.json").read_text())["maker"]
    assert key["secret"] in example
    assert key["cose_key"] in example


def test_the_limits_on_the_page_are_those_of_the_code(spec: str) -> None:
    for said in (
        f"at most {STATEMENT_BYTES} bytes",
        f"at most {CBOR_DEPTH} arrays, maps and\ntags",
        f"more than {JSON_DEPTH} arrays and objects",
        f"at most {REF_ROLES} roles of 1 to {SHORT_TEXT_CHARS} characters",
        f"at most {REFS_PER_ROLE} ids",
        f"0..{INTEGER_MAX}",
    ):
        assert said in spec
