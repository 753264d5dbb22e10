"""The published vectors: each good statement opens, each broken one is refused with the code the index names."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import TallyError
from ledger.statement.envelope import open_statement
from ledger.statement.keys import P256_ORDER, parse_did_key
from ledger.statement.signer import Ed25519Signer, P256Signer

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "specs" / "vectors" / "statement"
INDEX: dict[str, dict[str, Any]] = json.loads((FOLDER / "index.json").read_text())


def test_the_generator_makes_the_published_files_byte_for_byte() -> None:
    built: dict[str, bytes] = runpy.run_path(str(ROOT / "tests" / "vectors_statement.py"))["build"]()
    published = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.*")}
    assert sorted(built) == sorted(published)
    assert [path for path, data in built.items() if published[path] != data] == []


@pytest.mark.parametrize("name", INDEX["good"])
def test_opens_good_statements(name: str) -> None:
    statement = open_statement((FOLDER / "good" / f"{name}.cbor").read_bytes())
    assert statement.id == INDEX["good"][name]["id"]


@pytest.mark.parametrize("name", INDEX["bad"])
def test_refuses_broken_statements_with_their_code(name: str) -> None:
    with pytest.raises(TallyError) as caught:
        open_statement((FOLDER / "bad" / f"{name}.cbor").read_bytes())
    assert caught.value.code == INDEX["bad"][name]["error"]
    assert len(caught.value.diagnostics()) < 600


def test_the_published_keys_are_those_of_the_ledger() -> None:
    for name, key in json.loads((FOLDER / "keys.json").read_text()).items():
        secret = bytes.fromhex(key["secret"])
        signer = P256Signer.from_scalar(secret) if name == "browser" else Ed25519Signer.from_seed(secret)
        public = parse_did_key(key["did"])
        assert public == signer.public
        assert (public.kid.hex(), public.cose_key().hex()) == (key["kid"], key["cose_key"])


def test_the_vector_with_a_high_s_is_the_good_one_but_for_its_s() -> None:
    good = (FOLDER / "good" / "p256-es256.cbor").read_bytes()
    twin = (FOLDER / "bad" / "signature-high-s.cbor").read_bytes()
    assert good[:-32] == twin[:-32]
    assert int.from_bytes(good[-32:], "big") + int.from_bytes(twin[-32:], "big") == P256_ORDER
