"""Whatever bytes come in, a parser of the proof floor answers with a value or a declared error."""

import base64
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ledger.errors import TallyError
from ledger.proof.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.proof.merkle import MemoryTree, check_consistency, check_inclusion, leaf_hash, prove_inclusion
from ledger.proof.multiproof import check_many, multiproof_nodes
from ledger.proof.note import VerifierKey, format_vkey, open_note, parse_vkey, sign_note
from ledger.proof.receipt import open_receipt
from ledger.proof.tiles import (
    Tile,
    decode_entry_bundle,
    decode_tile,
    encode_entry_bundle,
    encode_tile,
    entries_path,
    parse_entries_path,
    parse_tile_path,
    tile_path,
)
from ledger.statement import cbor
from ledger.statement.cose import Sign1, decode_sign1, encode_sign1
from ledger.statement.signer import Ed25519Signer
from tests.support.receipts import issue_receipt

LOG = Ed25519Signer.from_seed(bytes([1]) * 32)
ORIGIN = "log.example/tally"
KEY = VerifierKey(ORIGIN, LOG.public)
ENTRIES = [sha256(b"statement %d" % i).digest() for i in range(7)]
TREE = MemoryTree(map(leaf_hash, ENTRIES))
NOTE = sign_note("text\n\nmore\n", LOG, ORIGIN)
CHECKPOINT = sign_checkpoint(Checkpoint(ORIGIN, 7, TREE.root()), LOG)
RECEIPT = issue_receipt(
    LOG,
    origin=ORIGIN,
    index=4,
    size=7,
    path=prove_inclusion(4, 7, TREE),
    root=TREE.root(),
    registered_at=1_777_900_000,
)
PARTS = decode_sign1(RECEIPT)

quick = settings(deadline=None, max_examples=300)

hashes = st.binary(min_size=32, max_size=32)
any_hashes = st.lists(st.one_of(hashes, st.binary(max_size=40)), max_size=70)
numbers = st.one_of(
    st.integers(-3, 20), st.integers(2**62, 2**64), st.integers(), st.sampled_from([2**63 - 1, 2**63])
)


def spoilt(good: bytes):
    """Good bytes with a piece replaced, removed or put in: what random bytes would hardly ever come near."""

    def splice(at, length, piece):
        return good[:at] + piece + good[at + length :]

    return st.builds(splice, st.integers(0, len(good)), st.integers(0, 40), st.binary(max_size=40))


def answers_or_declares(function, *arguments):
    """The function's answer, None if it raised a declared error; any other exception fails the test."""
    try:
        return function(*arguments)
    except TallyError:
        return None


@quick
@given(st.one_of(st.binary(max_size=300), spoilt(NOTE), spoilt(CHECKPOINT)))
def test_open_note(data):
    note = answers_or_declares(open_note, data, [KEY])
    if note is not None:
        assert data.startswith(note.text.encode() + b"\n")
        assert note.verified


@quick
@given(spoilt(CHECKPOINT))
def test_open_checkpoint(data):
    checkpoint = answers_or_declares(open_checkpoint, data, KEY)
    if checkpoint is not None:
        assert checkpoint == Checkpoint(ORIGIN, 7, TREE.root())


@quick
@given(
    st.one_of(
        st.text(max_size=200),
        st.builds(
            "\n".join,
            st.lists(st.sampled_from(["", ORIGIN, "0", "7", "07", "A" * 43 + "=", "٧", "x"]), max_size=6),
        ),
    )
)
def test_parse_checkpoint_then_format_gives_the_same_text(text):
    checkpoint = answers_or_declares(parse_checkpoint, text)
    if checkpoint is not None:
        assert text.startswith(format_checkpoint(checkpoint))


@quick
@given(st.text(min_size=1, max_size=30), st.integers(1, 2**63 - 1), hashes)
def test_a_checkpoint_of_any_values_comes_back(origin, size, root):
    assume("\n" not in origin)
    checkpoint = Checkpoint(origin, size, root)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint
    note = answers_or_declares(sign_checkpoint, checkpoint, LOG)
    if note is not None:
        assert open_checkpoint(note, VerifierKey(origin, LOG.public)) == checkpoint


@quick
@given(
    st.one_of(
        st.text(max_size=120),
        spoilt(format_vkey(KEY).encode()).map(lambda data: data.decode("utf-8", "surrogateescape")),
        st.builds(
            "{}+{}+{}".format, st.text(max_size=9), st.text("0123456789abcdefABCDEF", max_size=9), st.text()
        ),
    )
)
@example(f"x+00000000+{base64.b64encode(b'x').decode()}")
def test_parse_vkey_then_format_gives_the_same_text(text):
    key = answers_or_declares(parse_vkey, text)
    if key is not None:
        assert format_vkey(key) == text


@quick
@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_signed_opens_to_the_same_text(text, name):
    note = answers_or_declares(sign_note, text + "\n", LOG, name)
    if note is not None:
        assert open_note(note, [VerifierKey(name, LOG.public)]).text == text + "\n"


path_texts = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"tile/[0-9]{1,2}/(x[0-9]{3}/){0,7}[0-9]{3}(\.p/[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"tile/entries/(x[0-9]{3}/){0,7}[0-9]{3}(\.p/[0-9]{1,3})?\n?", fullmatch=True),
)


@quick
@given(path_texts)
def test_parse_tile_path_then_format_gives_the_same_path(text):
    tile = answers_or_declares(parse_tile_path, text)
    assert tile is None or tile_path(tile) == text
    bundle = answers_or_declares(parse_entries_path, text)
    assert bundle is None or entries_path(bundle) == text


@quick
@given(st.integers(0, 7), st.data(), st.integers(1, 256))
def test_the_path_of_any_tile_that_fits_a_tree_comes_back(level, data, width):
    index = data.draw(st.integers(0, 2 ** (63 - 8 * (level + 1)) - 1 if level < 7 else 0))
    tile = Tile(level, index, width if level < 7 else min(width, 127))
    assert parse_tile_path(tile_path(tile)) == tile


@quick
@given(st.one_of(st.binary(max_size=200), spoilt(encode_entry_bundle(ENTRIES))))
def test_decode_entry_bundle_then_encode_gives_the_same_bytes(data):
    entries = answers_or_declares(decode_entry_bundle, data)
    assert entries is None or encode_entry_bundle(entries) == data


@quick
@given(st.binary(max_size=200), st.integers(1, 6))
def test_decode_tile_then_encode_gives_the_same_bytes(data, width):
    for found in (data, data[: len(data) // 32 * 32]):
        read = answers_or_declares(decode_tile, found, Tile(0, 0, width))
        assert read is None or encode_tile(read) == found


cbor_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**64), 2**64 - 1),
        st.binary(max_size=40),
        st.text(max_size=9),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from([1, 4, 15, 395, 396, -1]), st.text(max_size=3)), inner, max_size=4
        ),
    ),
    max_leaves=8,
)


def opened(data):
    return open_receipt(data, ENTRIES[4], LOG.public, ORIGIN)


@quick
@given(st.one_of(st.binary(max_size=300), spoilt(RECEIPT)))
def test_open_receipt(data):
    receipt = answers_or_declares(opened, data)
    assert receipt is None or data == RECEIPT


@quick
@given(st.sampled_from([1, 4, 15, 395, "tree-size", 2, "x"]), cbor_values)
def test_open_receipt_with_any_value_in_its_protected_header(label, value):
    header = {**cbor.decode(PARTS.protected), label: value}
    data = encode_sign1(Sign1(cbor.encode(header), PARTS.unprotected, None, PARTS.signature))
    assert answers_or_declares(opened, data) is None or data == RECEIPT


@quick
@given(cbor_values, st.integers(0, 3))
def test_open_receipt_with_any_value_in_its_unprotected_header(value, depth):
    wrapped = [value, {396: value}, {396: {-1: value}}, {396: {-1: [cbor.encode(value)]}}][depth]
    assume(isinstance(wrapped, dict))
    data = encode_sign1(Sign1(PARTS.protected, wrapped, None, PARTS.signature))
    assert answers_or_declares(opened, data) is None or data == RECEIPT


@quick
@given(numbers, numbers, any_hashes, hashes)
def test_single_proofs_of_any_numbers_and_hashes(first, second, path, root):
    answers_or_declares(check_inclusion, root, first, second, path, root)
    answers_or_declares(check_consistency, first, root, second, root, path)


@quick
@given(
    st.lists(st.tuples(numbers, st.one_of(hashes, st.binary(max_size=40))), max_size=6),
    numbers,
    any_hashes,
    hashes,
)
def test_shared_proofs_of_any_numbers_and_hashes(leaves, size, path, root):
    answers_or_declares(check_many, leaves, size, path, root)
    answers_or_declares(check_many, sorted(leaves), size, path, root)


@quick
@given(st.sets(st.integers(0, 2**63 - 2), min_size=1, max_size=20), st.integers(0, 2**62))
def test_a_shared_proof_and_its_leaves_tile_the_tree(chosen, beyond):
    indices = sorted(chosen)
    size = min(indices[-1] + 1 + beyond, 2**63 - 1)
    pieces = sorted([*multiproof_nodes(indices, size), *((index, index + 1) for index in indices)])
    assert pieces[0][0] == 0
    assert pieces[-1][1] == size
    assert all(left[1] == right[0] for left, right in pairwise(pieces))
    with pytest.raises(TallyError):
        check_many(
            [(i, ENTRIES[0]) for i in indices], size, [ENTRIES[0]] * (len(pieces) - len(indices)), ENTRIES[1]
        )
