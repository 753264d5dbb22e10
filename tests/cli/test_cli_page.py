"""docs/cli.md is what the commands say of themselves."""

from __future__ import annotations

import pytest
import typer

from cli.main import app, run
from tests.cli_page import PAGE, render


def commands() -> list[list[str]]:
    found: list[list[str]] = []

    def walk(path: list[str], command: object) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk([*path, name], child)
        if not hasattr(command, "commands"):
            found.append(path)

    walk([], typer.main.get_command(app))
    return found


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text() == render(), "run `make vectors` and look at what changed"


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example_and_json(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example: tally {' '.join(command)}" in " ".join(shown.split())
    assert "--json" in shown
