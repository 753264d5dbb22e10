"""`cwt`, a COSE implementation that others wrote, verifies our statements under all four algorithm ids.

It needs cbor2 < 6 and therefore an environment of its own, which `make interop` sets up in tests/interop/cwt.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ledger.errors import SignatureInvalid
from ledger.statement.cose import decode_sign1
from ledger.statement.envelope import open_statement
from ledger.statement.keys import parse_did_key

PROJECT = Path(__file__).parent / "cwt"
PYTHON = PROJECT / ".venv" / "bin" / "python"
VECTORS = Path(__file__).parents[2] / "specs" / "vectors" / "statement"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="tests/interop/cwt has no environment yet: make interop"
)


def check(name: str, signer: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Let `cwt` verify a vector with the COSE key that we make of the signer's did."""
    did = json.loads((VECTORS / "keys.json").read_text())[signer]["did"]
    key = folder / "key.cbor"
    key.write_bytes(parse_did_key(did).cose_key())
    return subprocess.run(
        [PYTHON, PROJECT / "check.py", VECTORS / f"{name}.cbor", key], capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "signer"),
    [
        ("ed25519-eddsa", "maker"),
        ("ed25519-ed25519", "maker"),
        ("p256-es256", "browser"),
        ("p256-esp256", "browser"),
    ],
)
def test_verifies_our_statements_and_reads_the_same_payload(name: str, signer: str, tmp_path: Path) -> None:
    verdict = check(f"good/{name}", signer, tmp_path)
    assert (verdict.returncode, verdict.stderr) == (0, b"")
    assert verdict.stdout == decode_sign1((VECTORS / "good" / f"{name}.cbor").read_bytes()).payload


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("payload-changed", b"Failed to verify"),
        ("signature-malleable", b"Failed to verify"),
        ("signature-mixed-order", b"Failed to verify"),
        ("kid-of-other-issuer", b"key is not found"),
    ],
)
def test_refuses_what_we_refuse(name: str, reason: bytes, tmp_path: Path) -> None:
    verdict = check(f"bad/{name}", "maker", tmp_path)
    assert verdict.returncode == 1
    assert reason in verdict.stderr
    assert verdict.stdout == b""


def test_a_high_s_verifies_there_and_is_refused_here(tmp_path: Path) -> None:
    """That ECDSA allows it is the reason: they would take one signed event for two statements."""
    twin = (VECTORS / "bad" / "signature-high-s.cbor").read_bytes()
    verdict = check("bad/signature-high-s", "browser", tmp_path)
    assert (verdict.returncode, verdict.stdout) == (0, decode_sign1(twin).payload)
    with pytest.raises(SignatureInvalid, match="upper half"):
        open_statement(twin)
