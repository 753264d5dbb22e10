"""`cwt`, which others wrote, verifies the token of specs/http.md and reads the same claims off it.

Its environment is that of `test_cwt`, which `make interop` sets up.
"""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import pytest

from ledger.statement import cbor
from tests.support.access import MAKER, PARTY, STRANGER, VKEY

PROJECT = Path(__file__).parent / "cwt"
PYTHON = PROJECT / ".venv" / "bin" / "python"
PAGE = Path(__file__).parents[2] / "specs" / "http.md"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="tests/interop/cwt has no environment yet: make interop"
)


def check(key: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    found = re.search(r"^tally1\.(.*)$", PAGE.read_text(), re.MULTILINE)
    assert found is not None
    (folder / "token").write_bytes(base64.urlsafe_b64decode(found[1] + "=="))
    (folder / "key").write_bytes(key)
    return subprocess.run(
        [PYTHON, PROJECT / "check.py", folder / "token", folder / "key"], capture_output=True, check=False
    )


def test_the_token_is_a_cwt_to_others(tmp_path: Path) -> None:
    verdict = check(MAKER.public.cose_key(), tmp_path)
    assert (verdict.returncode, verdict.stderr) == (0, b"")
    claims = cbor.decode(verdict.stdout)
    assert claims == {1: PARTY, 2: PARTY, 3: VKEY, 4: 1_780_480_200, 6: 1_777_888_200}


def test_another_key_verifies_it_to_nobody(tmp_path: Path) -> None:
    assert check(STRANGER.public.cose_key(), tmp_path).returncode == 1
