"""The disclosure vectors: what is kept is what is built, and each ends as the index says."""

from __future__ import annotations

import json

import pytest

from ledger.errors import TallyError
from ledger.exchange.disclosure import Checked, check_disclosure, open_disclosure
from ledger.statement.envelope import open_statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import StatementId
from tests import vectors_disclosure
from tests.vectors_disclosure import FOLDER

INDEX = json.loads((FOLDER / "index.json").read_bytes())
SIGNERS = {name: Ed25519Signer.from_seed(bytes.fromhex(key["seed"])) for name, key in INDEX["keys"].items()}
STATEMENTS = {
    StatementId(id_): open_statement((FOLDER / "statements" / name).read_bytes())
    for name, id_ in INDEX["statements"].items()
}


def opened(path: str, by: str) -> list[Checked]:
    return check_disclosure(open_disclosure((FOLDER / path).read_bytes(), SIGNERS[by]), STATEMENTS)


def test_the_vectors_kept_are_the_vectors_built() -> None:
    built = vectors_disclosure.build()
    kept = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()
    }
    assert kept == built, "run `make vectors` and look at what changed"


def test_the_statements_have_the_ids_of_the_index() -> None:
    assert {one.id for one in STATEMENTS.values()} == set(INDEX["statements"].values())


@pytest.mark.parametrize("name", INDEX["good"])
def test_a_good_disclosure_opens_and_every_value_is_proved(name: str) -> None:
    told = {
        (INDEX["statements"][one["statement"]], one["field"]): one["value"] for one in INDEX["good"][name]
    }
    checked = opened(f"good/{name}", INDEX["opened_by"])
    assert {(one.statement, one.pointer): one.value for one in checked} == told
    assert [one.refused for one in checked] == [None] * len(told)


def test_each_of_two_recipients_opens_the_same() -> None:
    data = (FOLDER / "good" / "two-statements-for-two.disclosure").read_bytes()
    first, second = (open_disclosure(data, one) for one in SIGNERS.values())
    assert first == second
    assert first.recipients == (INDEX["keys"]["Court"]["party"], INDEX["keys"]["Auditor"]["party"])


@pytest.mark.parametrize("name", INDEX["bad"])
def test_a_bad_disclosure_fails_with_its_own_fault(name: str) -> None:
    """At opening, or at the comparison with the statement, which then answers no value."""
    found: set[str] = set()
    try:
        for one in opened(f"bad/{name}", INDEX["opened_by"]):
            assert one.value is None
            found.add(one.refused.code if one.refused else "verified")
    except TallyError as error:
        found.add(error.code)
    assert found == {INDEX["bad"][name]}
