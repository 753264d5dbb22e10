"""The command line as its users run it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.main import run


class Tally:
    """Runs commands and reads what they answer: a machine with --json, or a person."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        assert run([*arguments, "--json"]) == status
        return json.loads(self._capsys.readouterr().out)

    def says(self, *arguments: str, status: int = 0) -> str:
        """Everything told to the person, on both streams."""
        assert run(list(arguments)) == status
        captured = self._capsys.readouterr()
        return captured.out + captured.err
