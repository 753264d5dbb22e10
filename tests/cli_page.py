"""docs/cli.md, made from the commands themselves and from the table of exit statuses. `make vectors` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cli.main import app
from ledger.errors import EXIT_OK, EXIT_USAGE, STATUS

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"

_HEAD = """# The command `tally`

This page is made from the commands; `tally COMMAND --help` says the same. Every command answers one JSON document on
stdout with `--json`, errors included; progress goes to stderr, and only to a terminal.

Ids may be given by their beginning, as long as it fits one statement, or as `@FILE` for the statement in a file.
Passphrases come from `--passphrase-file`, from `TALLY_PASSPHRASE_FILE` or `TALLY_PASSPHRASE`, or are asked for; never
from the arguments.

## Exit status

| status | meaning |
|---|---|
"""


def render() -> str:
    """The whole page."""
    statuses: dict[int, list[str]] = {EXIT_OK: ["done"], EXIT_USAGE: ["the command line itself is wrong"]}
    for status in STATUS.values():
        statuses.setdefault(status.exit, []).append(status.meaning)
    statuses[130] = ["stopped by the person at the terminal; nothing was written"]
    rows = "".join(f"| {number} | {'; '.join(meanings)} |\n" for number, meanings in sorted(statuses.items()))
    return _HEAD + rows + "".join(_command("tally", typer.main.get_command(app)))


def _command(name: str, command: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        for child, one in command.commands.items():
            yield from _command(f"{name} {child}", one)
        return
    yield f"\n## `{name}`\n\n{(command.help or '').strip()}\n\n"
    yield f"```sh\n{command.epilog.removeprefix('Example: ')}\n```\n\n"
    yield "| option | meaning |\n|---|---|\n"
    for parameter in command.params:
        if parameter.name != "help":
            yield _parameter(parameter)


def _parameter(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    needed = " (required)" if parameter.required else ""
    variable = f" Also: `{parameter.envvar}`." if parameter.envvar else ""
    return f"| {names} | {(parameter.help or '').replace('|', '/')}{needed}{variable} |\n"


if __name__ == "__main__":
    PAGE.write_text(render())
