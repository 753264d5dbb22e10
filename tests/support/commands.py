"""Commands as their users run them, in this process."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from cli.main import run


class Tally:
    """Runs commands with --json and reads what they answer, or as a person would."""

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        out, _ = _run([*arguments, "--json"], status)
        return json.loads(out)

    def says(self, *arguments: str, status: int = 0) -> str:
        """Without --json: everything told to the person."""
        return "".join(_run(list(arguments), status))


def _run(arguments: list[str], status: int) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        ended = run(arguments)
    assert ended == status, out.getvalue() + err.getvalue()
    return out.getvalue(), err.getvalue()
