"""The bundle vectors: what is kept is what is built, and each ends as the index says."""

from __future__ import annotations

import json

import pytest

from ledger.audit.verify import verify_bundle
from ledger.errors import TallyError
from ledger.proof.note import parse_vkey
from tests import vectors_bundle

INDEX = json.loads((vectors_bundle.FOLDER / "index.json").read_bytes())
KEY = parse_vkey(INDEX["vkey"])


def test_the_vectors_kept_are_the_vectors_built() -> None:
    built = vectors_bundle.build()
    kept = {
        path.relative_to(vectors_bundle.FOLDER).as_posix(): path.read_bytes()
        for path in vectors_bundle.FOLDER.rglob("*")
        if path.is_file()
    }
    assert kept == built, "run `make vectors` and look at what changed"


@pytest.mark.parametrize("name", INDEX["good"])
def test_a_good_bundle_verifies(name: str) -> None:
    verified = verify_bundle((vectors_bundle.FOLDER / "good" / name).read_bytes(), KEY)
    assert {"claim": verified.claim, "scope": verified.scope} == INDEX["good"][name]


@pytest.mark.parametrize("name", INDEX["bad"])
def test_a_bad_bundle_fails_with_its_own_fault(name: str) -> None:
    with pytest.raises(TallyError) as caught:
        verify_bundle((vectors_bundle.FOLDER / "bad" / name).read_bytes(), KEY)
    assert caught.value.code == INDEX["bad"][name]
