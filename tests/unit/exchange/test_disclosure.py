"""Disclosures: for those named and nobody else, and believed only where the statement says the same."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt
from nacl.public import SealedBox
from nacl.signing import SigningKey

from ledger.errors import (
    EvidenceIncomplete,
    KeyUnavailable,
    MalformedDisclosure,
    MalformedKey,
    OpeningInvalid,
    TooLarge,
)
from ledger.exchange import disclosure as module
from ledger.exchange.disclosure import (
    PAD_BYTES,
    Disclosure,
    check_disclosure,
    open_disclosure,
    seal_disclosure,
)
from ledger.rules.catalogue import Odd
from ledger.statement import cbor
from ledger.statement.commitment import Opening, Pointer
from ledger.statement.envelope import Statement, read_statement, sign_statement
from ledger.statement.signer import Ed25519Signer, P256Signer
from ledger.units import StatementId

ASHA, BO, COURT = (Ed25519Signer.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
BROWSER = P256Signer.from_scalar(bytes([4]) * 32)
PRICE = Opening(Pointer("/body/price"), b"s" * 32, {"amount": "55", "currency": "INR"})
NAME = Opening(Pointer("/body/name"), b"t" * 32, "Asha, of the workshop")


def signed(*openings: Opening, note: str = "") -> Statement:
    """A statement that commits to these."""
    body = {one.pointer.rsplit("/", 1)[1]: {"commitment": one.digest} for one in openings}
    payload = {
        "type": "example.noted",
        "version": 1,
        "occurred_at": "2026-05-04T15:20:00+05:30",
        "prev": None,
        "refs": {},
        "body": {**body, "note": note},
    }
    party = ASHA.public.did
    return read_statement(sign_statement(ASHA, iss=party, sub=party, iat=1, payload=payload))


STATEMENT = signed(PRICE, NAME)


def disclosure(*recipients: Ed25519Signer, **changes: Any) -> Disclosure:
    sound = Disclosure(None, tuple(one.public.did for one in recipients), {STATEMENT.id: (NAME, PRICE)})
    return dataclasses.replace(sound, **changes)


def test_every_recipient_opens_what_was_sealed() -> None:
    made = disclosure(BO, COURT, sender=ASHA.public.did)
    data = seal_disclosure(made)
    assert open_disclosure(data, BO) == open_disclosure(data, COURT) == made


def test_nobody_else_opens_it_not_even_its_maker() -> None:
    data = seal_disclosure(disclosure(BO, sender=ASHA.public.did))
    for signer in (ASHA, COURT):
        with pytest.raises(KeyUnavailable, match="sealed to") as caught:
            open_disclosure(data, signer)
        assert signer.public.did in caught.value.found
        assert caught.value.hint


def test_a_p256_party_is_told_what_to_do() -> None:
    with pytest.raises(MalformedKey, match="P-256") as refused:
        seal_disclosure(disclosure(BO, recipients=(BO.public.did, BROWSER.public.did)))
    with pytest.raises(KeyUnavailable, match="P-256") as unopened:
        open_disclosure(seal_disclosure(disclosure(BO)), BROWSER)
    for caught in (refused, unopened):
        assert BROWSER.public.did in caught.value.found
        assert "tally key new" in caught.value.hint


def test_the_file_shows_neither_parties_nor_places_nor_values() -> None:
    data = seal_disclosure(disclosure(BO, sender=ASHA.public.did))
    hidden = [
        BO.public.did,
        ASHA.public.did,
        BO.public.raw,
        NAME.pointer,
        NAME.value,
        NAME.salt,
        STATEMENT.id,
    ]
    for one in (*hidden, bytes.fromhex(STATEMENT.id)):
        assert (one if isinstance(one, bytes) else one.encode()) not in data


def test_the_same_disclosure_is_another_file_each_time() -> None:
    files = [cbor.decode(seal_disclosure(disclosure(BO))) for _ in range(2)]
    assert files[0]["keys"] != files[1]["keys"]
    assert files[0]["content"][:24] != files[1]["content"][:24]


def test_a_short_and_a_long_value_make_files_of_one_length() -> None:
    lengths = {
        len(
            seal_disclosure(
                disclosure(BO, openings={STATEMENT.id: (dataclasses.replace(PRICE, value=value),)})
            )
        )
        for value in ("1", "1" * 300, {"amount": "123456789012345.123456", "currency": "INR"})
    }
    assert len(lengths) == 1
    [length] = lengths
    longer = seal_disclosure(
        disclosure(BO, openings={STATEMENT.id: (dataclasses.replace(PRICE, value="1" * 1500),)})
    )
    assert len(longer) == length + PAD_BYTES


def test_the_bytes_are_those_of_the_page() -> None:
    """Opened here with libsodium alone, as the page says, and none of the code that made it."""
    data = seal_disclosure(disclosure(COURT, BO, sender=ASHA.public.did))
    file = cbor.decode(data)
    box = SealedBox(SigningKey(bytes([2]) * 32).to_curve25519_private_key())
    secret = box.decrypt(file["keys"][1])
    around = cbor.encode({"disclosure": 1, "keys": file["keys"]})
    nonce, sealed = file["content"][:24], file["content"][24:]
    padded = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, around, nonce, secret)
    assert len(padded) % 1024 == 0
    content, _, zeros = padded.rpartition(b"\x80")
    assert set(zeros) <= {0}
    assert cbor.decode(content) == {
        "from": ASHA.public.did,
        "to": [COURT.public.did, BO.public.did],
        "statements": [
            [
                bytes.fromhex(STATEMENT.id),
                [
                    ["/body/name", b"t" * 32, b'"Asha, of the workshop"'],
                    ["/body/price", b"s" * 32, b'{"amount":"55","currency":"INR"}'],
                ],
            ]
        ],
    }


def test_values_are_proved_by_the_statement_at_hand() -> None:
    checked = check_disclosure(disclosure(BO), {STATEMENT.id: STATEMENT})
    assert [(one.pointer, one.value, one.refused) for one in checked] == [
        (NAME.pointer, NAME.value, None),
        (PRICE.pointer, PRICE.value, None),
    ]


def test_a_value_whose_statement_is_not_at_hand_is_not_shown() -> None:
    for one in check_disclosure(disclosure(BO), {}):
        assert one.value is None
        assert isinstance(one.refused, EvidenceIncomplete)
        assert STATEMENT.id in one.refused.found


def test_one_wrong_value_does_not_hide_the_right_ones() -> None:
    wrong = dataclasses.replace(PRICE, value={"amount": "54", "currency": "INR"})
    checked = check_disclosure(
        disclosure(BO, openings={STATEMENT.id: (NAME, wrong)}), {STATEMENT.id: STATEMENT}
    )
    assert [one.value for one in checked] == [NAME.value, None]
    refused = checked[1].refused
    assert isinstance(refused, OpeningInvalid)
    for part in (STATEMENT.id, PRICE.pointer, wrong.digest, PRICE.digest):
        assert part in refused.diagnostics()


def test_what_was_opened_otherwise_is_found_and_what_opens_nothing_is_not() -> None:
    """F41 is about whoever made the file: there is something that it should have opened."""
    wrong = dataclasses.replace(PRICE, value={"amount": "54", "currency": "INR"})
    nowhere = dataclasses.replace(PRICE, pointer=Pointer("/body/note"))
    for opening, at_hand in ((NAME, [STATEMENT]), (nowhere, [STATEMENT]), (wrong, [])):
        made = disclosure(BO, openings={STATEMENT.id: (opening,)})
        [checked] = check_disclosure(made, {one.id: one for one in at_hand})
        assert checked.finding is None
    [checked] = check_disclosure(disclosure(BO, openings={STATEMENT.id: (wrong,)}), {STATEMENT.id: STATEMENT})
    assert checked.finding is not None
    assert checked.finding.odd is Odd.OPENED_OTHERWISE
    assert dict(checked.finding.figures) == {"committed": PRICE.digest, "opened": wrong.digest}


def test_an_opening_is_not_believed_for_another_statement() -> None:
    """Not even for one by the same party with the same fields."""
    other = signed(dataclasses.replace(PRICE, salt=b"u" * 32), note="other")
    checked = check_disclosure(disclosure(BO, openings={other.id: (PRICE,)}), {other.id: other})
    assert [type(one.refused) for one in checked] == [OpeningInvalid]


def test_errors_and_values_unshown_hold_no_secret() -> None:
    made = disclosure(BO)
    wrong = dataclasses.replace(NAME, pointer=PRICE.pointer)
    refused = check_disclosure(disclosure(BO, openings={STATEMENT.id: (wrong,)}), {STATEMENT.id: STATEMENT})
    proved = check_disclosure(made, {STATEMENT.id: STATEMENT})
    shown = f"{made!r} {refused!r} {proved!r} {refused[0].refused} {refused[0].refused.diagnostics()}"  # type: ignore[union-attr]
    assert "workshop" not in shown
    assert "55" not in shown.replace(STATEMENT.id, "").replace(PRICE.digest, "").replace(wrong.digest, "")
    assert NAME.salt.hex() not in shown
    assert repr(NAME.salt) not in shown


def test_a_file_beyond_the_limit_is_neither_made_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = seal_disclosure(disclosure(BO))
    monkeypatch.setattr(module, "DISCLOSURE_BYTES", len(data) - 1)
    with pytest.raises(TooLarge):
        open_disclosure(data, BO)
    with pytest.raises(TooLarge):
        seal_disclosure(disclosure(BO))


def test_more_than_would_be_read_back_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DISCLOSURE_RECIPIENTS", 1)
    with pytest.raises(TooLarge, match="2 recipients"):
        seal_disclosure(disclosure(BO, COURT))
    monkeypatch.setattr(module, "DISCLOSURE_STATEMENTS", 0)
    with pytest.raises(TooLarge, match="1 statements"):
        seal_disclosure(disclosure(BO))


def test_boxes_of_two_files_do_not_mix() -> None:
    """One file's content behind another's keys, in every mixture: nothing opens."""
    one, other = (cbor.decode(seal_disclosure(disclosure(BO, COURT))) for _ in range(2))
    boxes = [*one["keys"], *other["keys"]]
    for keys in itertools.permutations(boxes, 2):
        for content in (one["content"], other["content"]):
            mixed = cbor.encode({"disclosure": 1, "keys": list(keys), "content": content})
            if (list(keys), content) in ((one["keys"], one["content"]), (other["keys"], other["content"])):
                assert open_disclosure(mixed, BO)
            else:
                with pytest.raises((MalformedDisclosure, KeyUnavailable)):
                    open_disclosure(mixed, BO)


@pytest.mark.parametrize("data", [b"", b"\x00", b"nonsense", b"\xa0", cbor.encode({"bundle": 1})])
def test_what_is_no_disclosure_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedDisclosure, match="not a disclosure"):
        open_disclosure(data, BO)


def test_an_id_of_a_statement_is_compared_whole() -> None:
    """The statements at hand are looked up by all of the id."""
    near = StatementId(STATEMENT.id[:-1] + ("0" if STATEMENT.id[-1] != "0" else "1"))
    [one] = check_disclosure(disclosure(BO, openings={near: (PRICE,)}), {STATEMENT.id: STATEMENT})
    assert isinstance(one.refused, EvidenceIncomplete)
