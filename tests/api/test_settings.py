"""Settings: from the environment, from a file, or not at all; and what the operator's page says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.server import read_settings
from api.settings import Settings
from ledger.errors import Malformed, NotFound

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TALLY_{name.upper()}", raising=False)
    monkeypatch.delenv("TALLY_SETTINGS", raising=False)


def test_a_laptop_needs_none() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.reads) == ("127.0.0.1", 8000, "public")


@pytest.mark.parametrize(
    ("given", "reads"),
    [
        ({"host": "192.0.2.1"}, "parties"),
        ({"host": "log.example.org"}, "parties"),
        ({"host": "::1"}, "public"),
        ({"host": "localhost"}, "public"),
        ({"url": "https://log.example.org"}, "parties"),
        ({"trusted_proxies": ["127.0.0.1"]}, "parties"),
        ({"host": "192.0.2.1", "reading": "public"}, "public"),
    ],
)
def test_who_may_read_is_everybody_only_where_nobody_else_comes(given: dict[str, object], reads: str) -> None:
    assert read_settings(given).reads == reads


def test_an_option_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nhost = "file"\nstop_s = 7\n')
    monkeypatch.setenv("TALLY_SETTINGS", str(file))
    monkeypatch.setenv("TALLY_HOST", "environment")
    monkeypatch.setenv("TALLY_PORT", "2")
    settings = read_settings({"port": 3})
    assert (settings.port, settings.host, settings.stop_s) == (3, "environment", 7)


@pytest.mark.parametrize("text", ["prot = 8000", "port = ", "port = 'x'", "reading = 'all'"])
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    monkeypatch.setenv("TALLY_SETTINGS", str(file))
    with pytest.raises(Malformed):
        read_settings({})
    file.unlink()
    with pytest.raises(NotFound, match="there is no file"):
        read_settings({})


def test_the_file_that_is_given_to_start_from_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLY_SETTINGS", str(DOCS / "serve" / "settings.toml"))
    assert read_settings({}).reads == "parties"


def test_the_operators_page_names_every_setting() -> None:
    page = (DOCS / "operations.md").read_text()
    assert not [name for name in Settings.model_fields if f"`{name}`" not in page]
