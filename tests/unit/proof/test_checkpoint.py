"""Checkpoints: three lines under one signature, and nothing that only looks like them."""

import base64

import pytest

from ledger.errors import KeyUnknown, MalformedNote, ProofInvalid, SignatureInvalid
from ledger.limits import TREE_SIZE_MAX
from ledger.proof.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.proof.merkle import EMPTY_ROOT, leaf_hash
from ledger.proof.note import VerifierKey, sign_note
from ledger.statement.signer import Ed25519Signer

LOG, OTHER = (Ed25519Signer.from_seed(bytes([seed]) * 32) for seed in (1, 2))
ORIGIN = "log.example/tally"
KEY = VerifierKey(ORIGIN, LOG.public)
ROOT = leaf_hash(b"only")
ROOT_LINE = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize("size", [1, 9, 10, 70_000, TREE_SIZE_MAX])
def test_a_checkpoint_is_three_lines_and_comes_back(size):
    checkpoint = Checkpoint(ORIGIN, size, ROOT)
    text = format_checkpoint(checkpoint)
    assert text == f"{ORIGIN}\n{size}\n{ROOT_LINE}\n"
    assert parse_checkpoint(text) == checkpoint
    assert open_checkpoint(sign_checkpoint(checkpoint, LOG), KEY) == checkpoint


def test_the_empty_log_has_one_root():
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG)
    assert note.startswith(f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n".encode())
    assert open_checkpoint(note, KEY).root == EMPTY_ROOT
    with pytest.raises(MalformedNote, match="size 0"):
        parse_checkpoint(f"{ORIGIN}\n0\n{ROOT_LINE}\n")


def test_extension_lines_of_other_logs_are_tolerated():
    text = f"{ORIGIN}\n7\n{ROOT_LINE}\nan extension\nanother\n"
    assert open_checkpoint(sign_note(text, LOG, ORIGIN), KEY) == Checkpoint(ORIGIN, 7, ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        ORIGIN,
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{ROOT_LINE}",
        f"\n7\n{ROOT_LINE}\n",
        f"{ORIGIN}\n\n{ROOT_LINE}\n",
        f"{ORIGIN}\n7\n\n",
        f"{ORIGIN}\n7\n{ROOT_LINE}\n\n",
        f"{ORIGIN}\n7\n{ROOT_LINE}\n\nextension\n",
        f"{ORIGIN}\n7\n{ROOT_LINE}\nunfinished",
    ],
)
def test_lines_missing_empty_or_unfinished_are_malformed(text):
    with pytest.raises(MalformedNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "size",
    [
        "07",
        "00",
        "+7",
        "-7",
        "-0",
        "7 ",
        " 7",
        "7.0",
        "7e1",
        "1_0",
        "0x7",
        "٧",
        "7\r",
        str(2**63),
        "9" * 5000,
    ],
)
def test_a_size_has_one_spelling_and_a_limit(size):
    with pytest.raises(MalformedNote):
        parse_checkpoint(f"{ORIGIN}\n{size}\n{ROOT_LINE}\n")


@pytest.mark.parametrize(
    "root",
    [
        ROOT_LINE[:-1],
        ROOT_LINE + "=",
        ROOT_LINE + " ",
        ROOT_LINE[:-2] + "B=" if ROOT_LINE[-2] == "A" else ROOT_LINE[:-2] + chr(ord(ROOT_LINE[-2]) + 1) + "=",
        base64.b64encode(ROOT[:31]).decode(),
        base64.b64encode(ROOT + b"\0").decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        ROOT.hex(),
    ],
)
def test_a_root_is_canonical_base64_of_32_bytes(root):
    with pytest.raises(MalformedNote):
        parse_checkpoint(f"{ORIGIN}\n7\n{root}\n")


def test_values_that_no_log_has_are_not_signed():
    for origin, size, root in (
        ("", 7, ROOT),
        ("two\nlines", 7, ROOT),
        (ORIGIN, -1, ROOT),
        (ORIGIN, TREE_SIZE_MAX + 1, ROOT),
        (ORIGIN, 7, ROOT[:31]),
        (ORIGIN, 0, ROOT),
    ):
        with pytest.raises(MalformedNote):
            Checkpoint(origin, size, root)
    for origin in ("a b", "a+b", "a\tb"):  # an origin of others, but no key name
        with pytest.raises(MalformedNote):
            sign_checkpoint(Checkpoint(origin, 7, ROOT), LOG)


def test_another_keys_checkpoint_could_not_be_checked():
    with pytest.raises(KeyUnknown):
        open_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), OTHER), KEY)
    with pytest.raises(KeyUnknown):
        open_checkpoint(sign_checkpoint(Checkpoint("other.example", 7, ROOT), LOG), KEY)


def test_a_changed_checkpoint_has_a_wrong_signature():
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), LOG)
    for spoilt in (note.replace(b"\n7\n", b"\n8\n"), note.replace(b"tally\n", b"tallz\n", 1)):
        with pytest.raises(SignatureInvalid):
            open_checkpoint(spoilt, KEY)


def test_a_key_speaks_only_for_the_origin_of_its_name():
    text = format_checkpoint(Checkpoint("other.example/log", 7, ROOT))
    with pytest.raises(ProofInvalid, match=r"other\.example/log"):
        open_checkpoint(sign_note(text, LOG, ORIGIN), KEY)


def test_a_note_that_is_no_checkpoint_is_malformed_even_if_signed():
    with pytest.raises(MalformedNote):
        open_checkpoint(sign_note("only words\n", LOG, ORIGIN), KEY)
