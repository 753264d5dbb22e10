"""The published vectors, opened by the verifier of the browser: the verdict and the code that the index says."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from ledger import limits
from tests.support.javascript import NODE, Question, node_answers

pytestmark = pytest.mark.skipif(NODE is None, reason="no Node from 20.19 on here: apt-get install nodejs")

VECTORS = Path(__file__).parents[2] / "specs" / "vectors"
VERIFIER = Path(__file__).parents[2] / "api" / "pages" / "static" / "verifier"

LEFT_OUT = {
    "proof/consistency": "a bundle or a receipt has one checkpoint: nothing to be consistent with",
    "proof/tile-path": "tiles are fetched from a log, and the verifier asks nobody",
    "proof/entry-bundle": "tiles are fetched from a log, and the verifier asks nobody",
    "disclosures": "opening one takes a private key and XSalsa20, which WebCrypto has not",
}
"""Vectors that the browser has no use for, and why."""

ONLY_RULES_TELL = {
    "bundle/bad/acceptance-missing.bundle": "R12 in-force: a call-off is accepted before it is drawn on",
    "bundle/bad/over-allocation.bundle": "R17 parent-left: more is allotted than was ordered",
}
"""Bad bundles that the browser does not refuse: their fault is in what the statements say, which `tally verify` runs
all the rules over. The page says so."""


def vectors() -> dict[str, tuple[Question, str]]:
    """Each vector's path -> what to ask, and the answer its index gives."""
    return {**_statements(), **_proofs(), **_bundles()}


def _statements() -> dict[str, tuple[Question, str]]:
    index = json.loads((VECTORS / "statement/index.json").read_bytes())
    expected = {f"statement/good/{name}.cbor": "ok" for name in index["good"]}
    expected |= {f"statement/bad/{name}.cbor": row["error"] for name, row in index["bad"].items()}
    return {
        path: (Question("statement", (VECTORS / path).read_bytes()), answer)
        for path, answer in expected.items()
    }


def _proofs() -> dict[str, tuple[Question, str]]:
    index = json.loads((VECTORS / "proof/index.json").read_bytes())
    found = {}
    for row in index["vectors"]:
        path = f"proof/{row['file']}"
        if str(Path(path).parent) not in LEFT_OUT:
            vkeys = tuple(row.get("keys", [index["log"]["vkey"]]))
            question = Question(row["kind"], (VECTORS / path).read_bytes(), vkeys, row.get("entry", ""))
            found[path] = (question, row["expect"])
    return found


def _bundles() -> dict[str, tuple[Question, str]]:
    index = json.loads((VECTORS / "bundle/index.json").read_bytes())
    expected = {f"bundle/good/{name}": "ok" for name in index["good"]}
    expected |= {f"bundle/bad/{name}": code for name, code in index["bad"].items()}
    return {
        path: (Question("bundle", (VECTORS / path).read_bytes(), (index["vkey"],)), answer)
        for path, answer in expected.items()
    }


def test_every_vector_is_asked_about_or_left_out_for_a_reason() -> None:
    there = {
        path.relative_to(VECTORS).as_posix()
        for path in VECTORS.rglob("*")
        if path.is_file() and path.name not in {"index.json", "keys.json"}
    }
    left_out = {path for path in there if any(path.startswith(f"{folder}/") for folder in LEFT_OUT)}
    assert set(vectors()) == there - left_out
    assert set(ONLY_RULES_TELL) < set(vectors())


def test_every_vector_ends_as_its_index_says() -> None:
    asked = vectors()
    answers = node_answers(question for question, _ in asked.values())
    told = dict(zip(asked, answers, strict=True))
    expected = {path: answer for path, (_, answer) in asked.items()}
    assert told == {**expected, **dict.fromkeys(ONLY_RULES_TELL, "ok")}


def test_the_limits_are_those_of_the_ledger() -> None:
    names = re.findall(r"export const (\w+) = (.*);", (VERIFIER / "limits.js").read_text())
    assert names
    for name, value in names:
        terms = value.replace("n", "").replace("_", "").partition(" - ")
        factors = [_power(factor) for factor in re.split(r" \* (?!\*)", terms[0])]
        assert math.prod(factors) - int(terms[2] or 0) == getattr(limits, name), name


def _power(text: str) -> int:
    base, _, exponent = text.partition(" ** ")
    return int(base) ** int(exponent or 1)


def test_the_verifier_asks_nobody_and_keeps_nothing() -> None:
    for module in VERIFIER.glob("*.js"):
        source = module.read_text()
        for word in ("fetch(", "XMLHttpRequest", "WebSocket", "localStorage", "document.", "import("):
            assert word not in source, f"{module.name} has {word}"
