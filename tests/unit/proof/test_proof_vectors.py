"""The published vectors: made again byte for byte, opened with the expected outcome, quoted by specs/log.md."""

import importlib.util
import json
from pathlib import Path

import pytest

from ledger.errors import TallyError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import check_consistency, check_inclusion
from ledger.proof.multiproof import check_many
from ledger.proof.note import open_note, parse_vkey
from ledger.proof.receipt import open_receipt
from ledger.proof.tiles import decode_entry_bundle, parse_tile_path

REPOSITORY = Path(__file__).parents[3]
FOLDER = REPOSITORY / "specs" / "vectors" / "proof"
INDEX = json.loads((FOLDER / "index.json").read_text())
KEY = parse_vkey(INDEX["log"]["vkey"])


def load_generator():
    spec = importlib.util.spec_from_file_location("vectors_proof", REPOSITORY / "tests" / "vectors_proof.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unhex(values):
    return [bytes.fromhex(value) for value in values]


def open_inclusion(data, _):
    proof = json.loads(data)
    leaf, root = unhex([proof["leaf"], proof["root"]])
    check_inclusion(leaf, proof["index"], proof["size"], unhex(proof["path"]), root)


def open_consistency(data, _):
    proof = json.loads(data)
    old_root, new_root = unhex([proof["old_root"], proof["new_root"]])
    check_consistency(proof["old_size"], old_root, proof["new_size"], new_root, unhex(proof["path"]))


def open_multiproof(data, _):
    proof = json.loads(data)
    leaves = [(index, bytes.fromhex(leaf)) for index, leaf in proof["leaves"]]
    check_many(leaves, proof["size"], unhex(proof["hashes"]), bytes.fromhex(proof["root"]))


OPEN = {
    "note": lambda data, row: open_note(
        data, [parse_vkey(line) for line in row.get("keys", [INDEX["log"]["vkey"]])]
    ),
    "vkey": lambda data, _: parse_vkey(data.decode()),
    "checkpoint": lambda data, _: open_checkpoint(data, KEY),
    "receipt": lambda data, row: open_receipt(
        data, bytes.fromhex(row["entry"]), KEY.key, INDEX["log"]["origin"]
    ),
    "inclusion": open_inclusion,
    "consistency": open_consistency,
    "multiproof": open_multiproof,
    "tile-path": lambda data, _: parse_tile_path(data.decode()),
    "entry-bundle": lambda data, _: decode_entry_bundle(data),
}


def test_the_generator_makes_exactly_the_files_that_are_there():
    made = load_generator().build()
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert there == set(made)
    for path, data in made.items():
        assert (FOLDER / path).read_bytes() == data, path


@pytest.mark.parametrize("row", INDEX["vectors"], ids=[row["file"] for row in INDEX["vectors"]])
def test_every_vector_has_its_expected_outcome(row):
    data = (FOLDER / row["file"]).read_bytes()
    is_good = row["file"].split("/")[1].startswith("good")
    assert is_good is (row["expect"] == "ok")
    if is_good:
        OPEN[row["kind"]](data, row)
    else:
        with pytest.raises(TallyError) as refusal:
            OPEN[row["kind"]](data, row)
        assert refusal.value.code == row["expect"]
        assert refusal.value.found
