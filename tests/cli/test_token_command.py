"""`tally token`: a party's for itself, the operator's for everything or for a party."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ledger.access.token import DAY_S, OPERATOR, Token, verify_token
from ledger.keystore import KeyStore
from ledger.proof.note import parse_vkey
from tests.support.commands import Tally


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key store with a log's key, a maker's phone and its tablet; and the log's verifier key in a file."""
    folder = tmp_path_factory.mktemp("token")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TALLY_KEYS", str(folder / "keys"))
        patch.setenv("TALLY_PASSPHRASE", "four words make one")
        tally = Tally()
        for name in ("log", "phone"):
            tally("key", "new", name)
        tally("key", "new", "tablet", "--for", "key:phone")
        vkey = tally("key", "export", "log", "--format", "vkey", "--name", "log.example/one")["key"]
    (folder / "vkey").write_text(vkey + "\n")
    return folder


@pytest.fixture
def tally(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Tally:
    monkeypatch.setenv("TALLY_KEYS", str(folder / "keys"))
    monkeypatch.setenv("TALLY_PASSPHRASE", "four words make one")
    monkeypatch.chdir(folder)
    return Tally()


def proved(folder: Path, text: str) -> Token:
    vkey = (folder / "vkey").read_text().strip()
    keys = KeyStore(folder / "keys").resolve
    return verify_token(text, int(time.time()), vkey, parse_vkey(vkey).key.did, keys)


def test_a_party_makes_a_token_for_itself_with_the_key_of_any_of_its_devices(
    tally: Tally, folder: Path
) -> None:
    party = tally("key", "show", "phone")["party"]
    for key in ("phone", "tablet"):
        told = tally("token", "--key", key, "--log-key", "vkey")
        token = proved(folder, told["token"])
        assert (token.issuer, token.subject) == (party, party)
        assert token.expires_at - token.issued_at == 30 * DAY_S
        assert (told["for"], told["log"], told["expires_at"]) == (party, "log.example/one", token.expires_at)


def test_the_token_alone_is_printed_for_a_script_to_take(tally: Tally, folder: Path) -> None:
    told = tally.says("token", "--key", "phone", "--log-key", "vkey", "--expires", "12h")
    [text] = [line for line in told.splitlines() if line.startswith("tally1.")]
    token = proved(folder, text)
    assert token.expires_at - token.issued_at == 12 * 3_600
    assert "good for 12h; keep it as you keep a key" in told


def test_with_the_logs_key_it_is_said_who_reads(tally: Tally, folder: Path) -> None:
    party = tally("key", "show", "phone")["party"]
    everything = tally("token", "--key", "log", "--log-key", "vkey", "--operator", "--expires", "15m")
    assert everything["for"] == OPERATOR
    assert proved(folder, everything["token"]).subject is None
    as_party = tally("token", "--key", "log", "--log-key", "vkey", "--for", "key:phone")
    assert proved(folder, as_party["token"]).subject == party
    for how in ((), ("--operator", "--for", "key:phone")):
        error = tally("token", "--key", "log", "--log-key", "vkey", *how, status=6)["error"]
        assert "who reads by the token" in error["found"]


@pytest.mark.parametrize("how", [("--operator",), ("--for", "key:phone")], ids=["operator", "for"])
def test_a_partys_key_makes_no_token_for_others(tally: Tally, how: tuple[str, ...]) -> None:
    error = tally("token", "--key", "phone", "--log-key", "vkey", *how, status=6)["error"]
    assert error["found"] == "the key phone is not that of log.example/one"


@pytest.mark.parametrize("span", ["91d", "0d", "30", "1y", "d", "-1d", "9999d", "1.5d"])
def test_how_long_it_is_good_is_bounded(tally: Tally, span: str) -> None:
    error = tally("token", "--key", "phone", "--log-key", "vkey", "--expires", span, status=6)["error"]
    assert error["code"] == "malformed"
    assert "at most 90d" in error["expected"]
