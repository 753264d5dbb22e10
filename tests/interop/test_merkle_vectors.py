"""RFC 9162 proofs written by others, most of them broken on purpose (transparency-dev/merkle)."""

import base64
import json
from pathlib import Path

import pytest

from ledger.errors import TallyError
from ledger.proof.merkle import check_consistency, check_inclusion

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "merkle"
INCLUSION = sorted(VECTORS.glob("inclusion/**/*.json"))
CONSISTENCY = sorted(VECTORS.glob("consistency/**/*.json"))

pytestmark = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no foreign vectors at {VECTORS}")


def named(paths):
    return [str(path.relative_to(VECTORS)) for path in paths]


def read(path):
    vector = json.loads(path.read_text())
    vector["proof"] = [base64.b64decode(item) for item in vector["proof"] or []]
    return vector


def expect(vector, check, *arguments):
    if vector["wantErr"]:
        with pytest.raises(TallyError):
            check(*arguments)
    else:
        check(*arguments)


def test_the_vectors_are_all_there():
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)


@pytest.mark.parametrize("path", INCLUSION, ids=named(INCLUSION))
def test_inclusion(path):
    vector = read(path)
    leaf, root = base64.b64decode(vector["leafHash"]), base64.b64decode(vector["root"])
    expect(vector, check_inclusion, leaf, vector["leafIdx"], vector["treeSize"], vector["proof"], root)


@pytest.mark.parametrize("path", CONSISTENCY, ids=named(CONSISTENCY))
def test_consistency(path):
    vector = read(path)
    roots = [base64.b64decode(vector[name]) for name in ("root1", "root2")]
    expect(vector, check_consistency, vector["size1"], roots[0], vector["size2"], roots[1], vector["proof"])
