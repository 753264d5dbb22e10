"""How commands speak: results on stdout (a table, or one JSON document), progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH: Final = 160  # a pipe has no width; tables must not be cut for one


def console() -> Console:
    """Where results go."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(width=width, highlight=False, emoji=False, soft_wrap=False)


def errors() -> Console:
    """Where progress and errors go."""
    return Console(stderr=True, highlight=False, emoji=False)  # `did:key:` is no picture of a key


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def one_line(value: Any) -> str:
    """A JSON value as text on one line, whatever is in it: what does not print is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def say(text: str = "") -> None:
    """A line on stdout, printed as it is: event text is never read as markup."""
    console().print(Text(text), soft_wrap=True)


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()
) -> None:
    """A table on stdout; `numbers` are the columns set flush right."""
    shown = Table(
        title=Text(title) if title else None, title_justify="left", header_style="bold", expand=False
    )
    for position, column in enumerate(columns):
        shown.add_column(column, justify="right" if position in numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    console().print(shown)


class Ticker(Protocol):
    """Called with how many more are done."""

    def __call__(self, done: int, /) -> None: ...


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Ticker]:
    """A progress bar on stderr, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
