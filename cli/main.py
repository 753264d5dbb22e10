"""The command `tally`: its commands in one place, and the one way errors leave the process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from cli import (
    audit,
    backup,
    demo,
    devices,
    diff,
    disclosure,
    erased,
    evidence,
    importing,
    keys,
    label,
    log,
    outbox,
    party,
    serve,
    sign,
    token,
    trace,
)
from cli.common import EPILOG
from cli.output import errors, print_json
from ledger.errors import EXIT_USAGE, TallyError, error_as_json, status_of

app = typer.Typer(
    help="Tallystick: signed contracts, batches and deliveries in a log that anyone can verify.",
    no_args_is_help=True,
    epilog=EPILOG,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys.app.command(epilog="Example: tally key add tablet --with phone --enrolled @enrol.cose")(devices.add)
keys.app.command(epilog="Example: tally key revoke phone --with tablet --reason lost --enrolled @enrol.cose")(
    devices.revoke
)
app.add_typer(keys.app, name="key")
app.add_typer(importing.app, name="import")
app.add_typer(outbox.app, name="outbox")

_EXAMPLES: dict[Callable[..., None], str] = {
    log.init: "tally init example.org/log --key log --agency agency",
    sign.sign: "tally sign batch.yaml --key asha-phone",
    log.submit: "tally submit signed/ --receipts receipts/",
    trace.trace: "tally trace 3f9a --at 2026-04-20T00:00:00+05:30",
    party.party: "tally party yPTjEMdh --log tally-demo/log",
    diff.diff: "tally diff 2026-04-01T00:00:00+05:30 2026-04-20T00:00:00+05:30",
    evidence.bundle: "tally bundle 3f9a -o delivery.bundle",
    evidence.verify: "tally verify delivery.bundle --log-key vkey",
    label.label: "tally label 3f9a --url https://log.example.org -o labels.pdf --log tally-demo/log",
    audit.audit: "tally audit --report contract.html --log tally-demo/log",
    disclosure.disclose: "tally disclose 3f9a --to did:key:z6Mk... -o prices.disclosure",
    disclosure.open: "tally open prices.disclosure --key auditor --bundle delivery.bundle --log-key vkey",
    disclosure.erase: 'tally erase 3f9a --field /body/name --ground "asked for by the person named"',
    erased.purge: "tally purge --log tally-log",
    log.fsck: "tally fsck --log tally-demo/log",
    backup.backup: "tally backup /mnt/backups/2026-05-04 --log tally-demo/log",
    backup.restore: "tally restore /mnt/backups/2026-05-04 restored-log",
    backup.resume: "tally resume --log restored-log --checkpoint old/high-water --nothing-after 564",
    token.token: "tally token --key asha-phone --log-key vkey --expires 30d",
    serve.serve: "tally serve --log tally-demo/log --keys tally-demo/keys",
    demo.demo: "tally demo",
}
for _command, _example in _EXAMPLES.items():
    app.command(epilog=f"Example: {_example}")(_command)


# Typer carries its own click and exports of its usage errors only this one's child.
_UsageError: Any = typer.BadParameter.__base__


def main() -> None:
    """Run the command line; end with the exit status of docs/cli.md."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; answers its exit status."""
    try:
        status = app(arguments, prog_name="tally", standalone_mode=False)
    except TallyError as error:
        return _tell(error, as_json="--json" in arguments)
    except OSError as error:
        return _tell(TallyError(str(error)), as_json="--json" in arguments)
    except _UsageError as error:
        error.show()
        return EXIT_USAGE
    except (typer.Abort, KeyboardInterrupt):
        errors().print("tally: stopped; nothing was written", markup=False)
        return 130
    return status if isinstance(status, int) else 0


def _tell(error: TallyError, *, as_json: bool) -> int:
    if as_json:
        print_json({"error": error_as_json(error)})
    else:
        errors().print(f"tally: {error.diagnostics()}", markup=False, soft_wrap=True)
    return status_of(error).exit
