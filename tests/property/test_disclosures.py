"""Whatever is done to a disclosure, its values are those signed or there are none, and only declared errors escape."""

from __future__ import annotations

import contextlib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedDisclosure, MalformedPayload, OpeningInvalid, TallyError
from ledger.exchange.confidential import hide
from ledger.exchange.disclosure import Disclosure, check_disclosure, open_disclosure, seal_disclosure
from ledger.openings import OpeningStore
from ledger.statement import cbor
from ledger.statement.commitment import (
    Opening,
    Pointer,
    check_opening,
    commitments,
    pack_openings,
    unpack_openings,
)
from ledger.statement.envelope import Statement, read_statement, sign_statement
from ledger.statement.payload import INTEGER_MAX, encode_value
from ledger.statement.signer import Ed25519Signer
from ledger.units import StatementId
from tests.vectors_disclosure import AUDITOR, FOLDER, file

SIGNERS = [Ed25519Signer.from_seed(bytes([number]) * 32) for number in range(1, 5)]
ASHA = SIGNERS[0]
FOR_TWO = (FOLDER / "good" / "two-statements-for-two.disclosure").read_bytes()

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SALTS = st.binary(min_size=32, max_size=32)
NAMES = st.text(st.characters(codec="utf-8"), min_size=0, max_size=8)


def sign(body: dict[str, Any]) -> Statement:
    payload = {
        "type": "example.noted",
        "version": 1,
        "occurred_at": "2026-05-04T15:20:00+05:30",
        "prev": None,
        "refs": {},
        "body": body,
    }
    party = ASHA.public.did
    return read_statement(sign_statement(ASHA, iss=party, sub=party, iat=1, payload=payload))


@st.composite
def committed(draw: st.DrawFn, least: int = 1) -> tuple[Statement, tuple[Opening, ...]]:
    """A statement with commitments in fields of any name, and what opens them."""
    fields = draw(st.dictionaries(NAMES, JSON, min_size=least, max_size=4))
    salts = iter(draw(st.lists(SALTS, min_size=len(fields), max_size=len(fields), unique=True)))
    body, openings = hide(
        {name: {"confidential": value} for name, value in fields.items()}, lambda: next(salts)
    )
    return sign(body), openings


@given(committed())
def test_every_opening_fits_its_place_and_is_read_back_as_packed(
    given: tuple[Statement, tuple[Opening, ...]],
) -> None:
    statement, openings = given
    assert set(commitments(statement.payload)) == {one.pointer for one in openings}
    for one in unpack_openings(cbor.decode(cbor.encode(pack_openings(openings)))):
        [same] = [was for was in openings if was.pointer == one.pointer]
        assert encode_value(check_opening(statement, one)) == encode_value(same.value)


@given(
    st.lists(committed(), min_size=1, max_size=3),
    st.sets(st.sampled_from(SIGNERS), min_size=1),
    st.none() | st.sampled_from(SIGNERS),
)
@settings(max_examples=50)
def test_what_is_sealed_opens_to_the_same_for_recipients_and_for_nobody_else(
    given: list[tuple[Statement, tuple[Opening, ...]]],
    recipients: set[Ed25519Signer],
    sender: Ed25519Signer | None,
) -> None:
    made = Disclosure(
        sender.public.did if sender else None,
        tuple(one.public.did for one in recipients),
        {statement.id: openings for statement, openings in given},
    )
    data = seal_disclosure(made)
    statements = {statement.id: statement for statement, _ in given}
    values = sum(len(openings) for openings in made.openings.values())
    for signer in SIGNERS:
        if signer not in recipients:
            with pytest.raises(TallyError):
                open_disclosure(data, signer)
            continue
        opened = open_disclosure(data, signer)
        assert (opened.sender, opened.recipients) == (made.sender, made.recipients)
        checked = check_disclosure(opened, statements)
        assert [one.refused for one in checked] == [None] * values


def test_any_one_bit_flipped_in_a_file_is_refused() -> None:
    """Every bit, also of the other recipient's box: no file that was touched yields anything."""
    assert open_disclosure(FOR_TWO, AUDITOR.signer)
    for place, bit in product(range(len(FOR_TWO)), range(8)):
        flipped = FOR_TWO[:place] + bytes([FOR_TWO[place] ^ 1 << bit]) + FOR_TWO[place + 1 :]
        with pytest.raises(TallyError):
            open_disclosure(flipped, AUDITOR.signer)


def test_any_one_bit_flipped_inside_by_its_maker_yields_no_other_value() -> None:
    """Who has the key can make such a file. What opens it reads, if at all, is compared with the statement."""
    statements = {
        one.id: one
        for one in (read_statement(path.read_bytes()) for path in (FOLDER / "statements").iterdir())
    }
    [(statement, openings)] = open_disclosure(
        (FOLDER / "good" / "prices.disclosure").read_bytes(), AUDITOR.signer
    ).openings.items()
    signed = {one.pointer: one.value for one in openings}
    content = cbor.encode(
        {
            "from": None,
            "to": [AUDITOR.party],
            "statements": [[bytes.fromhex(statement), pack_openings(openings)]],
        }
    )
    for place in range(len(content)):
        flipped = content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]
        padded = flipped + b"\x80" + bytes(-(len(flipped) + 1) % 1024)
        try:
            opened = open_disclosure(file(None, AUDITOR, padded=padded), AUDITOR.signer)
        except TallyError:
            continue
        for one in check_disclosure(opened, statements):
            assert one.refused or signed[one.pointer] == one.value


@given(committed(least=2), st.data())
def test_salts_values_and_places_do_not_swap(
    given: tuple[Statement, tuple[Opening, ...]], data: st.DataObject
) -> None:
    """Each part may be taken from any of the statement's openings; only the three that belong together open."""
    statement, openings = given
    one, two, three = (data.draw(st.sampled_from(openings)) for _ in range(3))
    mixed = Opening(one.pointer, two.salt, three.value)
    if (mixed.salt, encode_value(mixed.value)) == (one.salt, encode_value(one.value)):
        assert check_opening(statement, mixed) == one.value
    else:
        with pytest.raises(OpeningInvalid):
            check_opening(statement, mixed)


@given(committed(), committed())
def test_openings_do_not_open_other_statements(
    first: tuple[Statement, tuple[Opening, ...]], second: tuple[Statement, tuple[Opening, ...]]
) -> None:
    there = commitments(first[0].payload)
    for opening in second[1]:
        if there.get(opening.pointer) == opening.digest:
            continue  # the same salt and value at the same place in both
        with pytest.raises(OpeningInvalid):
            check_opening(first[0], opening)


@given(
    st.binary(max_size=400)
    | st.binary(min_size=1, max_size=30).map(lambda tail: FOR_TWO[: -len(tail)] + tail)
)
def test_only_declared_errors_escape_from_a_file(data: bytes) -> None:
    with contextlib.suppress(TallyError):
        open_disclosure(data, AUDITOR.signer)


CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.binary(max_size=40)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(CBOR, st.sampled_from(["from", "to", "statements", None]))
def test_only_declared_errors_escape_from_any_content(value: Any, member: str | None) -> None:
    """Content that only the maker of a file could write."""
    sound = {"from": None, "to": [AUDITOR.party], "statements": [[bytes(32), [["/a", bytes(32), b"1"]]]]}
    content = {**sound, member: value} if member else value
    with contextlib.suppress(TallyError):
        open_disclosure(file(content, AUDITOR), AUDITOR.signer)


@given(CBOR | st.lists(st.tuples(CBOR, CBOR, CBOR).map(list), max_size=3))
def test_only_declared_errors_escape_from_openings(value: Any) -> None:
    with contextlib.suppress(MalformedDisclosure):
        unpack_openings(value)


@given(
    st.recursive(
        JSON | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
    )
)
def test_any_value_in_a_draft_is_committed_to_or_refused(value: Any) -> None:
    try:
        body, [opening] = hide({"x": {"confidential": value}}, lambda: bytes(32))
    except MalformedPayload:
        return
    assert body == {"x": {"commitment": opening.digest}}


@given(data=st.binary(max_size=300))
def test_only_declared_errors_escape_from_a_kept_file(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "openings"
    folder.mkdir(exist_ok=True)
    statement = StatementId("ab" * 32)
    Path(folder / f"{statement}.openings").write_bytes(data)
    with pytest.raises(MalformedDisclosure):
        OpeningStore(folder).read(statement)


def test_a_pointer_that_is_no_pointer_is_never_made() -> None:
    """Names that need escaping, or nothing at all, still make a place that reads back."""
    _, openings = hide({"": {"confidential": 1}, "~/": {"": {"confidential": 2}}}, lambda: bytes(32))
    assert [one.pointer for one in openings] == ["/body/", "/body/~0~1/"]
    assert unpack_openings(pack_openings(openings)) == (
        Opening(Pointer("/body/"), bytes(32), 1),
        Opening(Pointer("/body/~0~1/"), bytes(32), 2),
    )
