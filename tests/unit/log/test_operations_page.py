"""docs/operations.md holds every message of the log that an operator may meet, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text()
OPERATORS = {"LogError", "LogInconsistent", "LogHalted", "LogLocked", "LogBusy", "KeyUnavailable"}


def pattern(message: ast.expr) -> str:
    """What a message may look like: its words, and anything where it fills something in."""
    parts = message.values if isinstance(message, ast.JoinedStr) else [message]
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)


def raised() -> Iterator[str]:
    for path in sorted((ROOT / "ledger" / "log").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            message = node.args[0]
            if node.func.id == "_bad":  # fsck: entry N and what is wrong with it
                assert isinstance(node.args[1], ast.Constant)
                yield "entry .+ " + re.escape(node.args[1].value)
            elif node.func.id in OPERATORS or (
                node.func.id == "NotFound" and "no log" in ast.unparse(message)
            ):
                yield pattern(message)


def told() -> list[str]:
    """The first column of every table under Messages."""
    messages = PAGE.split("## Messages")[1]
    return re.findall(r"^\| `([^`]+)` \|", messages, re.MULTILINE)


def test_there_are_messages_to_find() -> None:
    assert len(set(raised())) > 30
    assert len(told()) == len(set(told()))


def test_every_message_stands_in_the_page() -> None:
    missing = [one for one in set(raised()) if not any(re.fullmatch(one, text) for text in told())]
    assert not missing


def test_every_message_in_the_page_is_one_the_log_may_give() -> None:
    assert not [text for text in told() if not any(re.fullmatch(one, text) for one in raised())]
