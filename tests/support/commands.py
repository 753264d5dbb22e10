"""Commands as their users run them: in this process, or on a terminal of their own."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
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


def on_a_terminal(arguments: list[str], answers: list[str], status: int = 0) -> str:
    """Run the command on a pseudo-terminal, answering as a person does: when asked, and no sooner.

    What is typed ahead is lost at times, when the terminal changes its mode for a question.
    """
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", "from cli.main import main; main()", *arguments]
    process = subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "300"},
    )
    os.close(follower)
    told, waiting = b"", list(answers)
    while select.select([leader], [], [], 60)[0]:
        try:
            told += os.read(leader, 4096)
        except OSError:  # how Linux says that the other side has closed
            break
        if told.endswith(b": "):
            if not waiting:
                break
            os.write(leader, waiting.pop(0).encode() + b"\n")
    os.close(leader)  # whoever still asks is hung up on
    assert process.wait(timeout=60) == status, told.decode()
    return told.decode()
