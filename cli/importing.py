"""`tally import`: published contracts to drafts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import EPILOG, JsonOption, KeysOption, key_store, read_file, read_party, write_new
from cli.output import print_json, say, table
from ledger.errors import MalformedDraft
from ledger.exchange.draft import DRAFT_BYTES
from ledger.exchange.ocds import Given, draft_package, read_package
from ledger.exchange.report import Report
from ledger.keystore import KeyStore
from ledger.limits import SOURCE_BYTES
from ledger.units import PartyId, parse_decimal

app = typer.Typer(help="Turn published contracts into drafts to sign.", no_args_is_help=True, epilog=EPILOG)


@app.callback()
def _group() -> None:
    """One command for each standard; there is one so far."""


@app.command(epilog="Example: tally import ocds releases.json --out drafts/ --law CO --tolerance 0")
def ocds(
    file: Annotated[Path, typer.Argument(help="A release package (Open Contracting Data Standard, JSON).")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder for the drafts and the report.")
    ] = None,
    parties: Annotated[
        Path | None,
        typer.Option(help="JSON: a supplier's name or id in the source to its party id, or key:NAME."),
    ] = None,
    law: Annotated[str | None, typer.Option(help="Governing law: a country code.")] = None,
    tolerance: Annotated[str | None, typer.Option(help="The tolerance, in per cent.")] = None,
    consignee: Annotated[str | None, typer.Option(help="Who receives: a party id, or key:NAME.")] = None,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a contract and its first order from each release, and report line by line what mapped and what did not."""
    package = read_package(read_file(file, SOURCE_BYTES))
    store = key_store(keys)
    given = Given(
        parties=_parties(parties, store),
        law=law,
        tolerance_percent=parse_decimal(tolerance) if tolerance is not None else None,
        consignee=read_party(store, consignee) if consignee else None,
    )
    report = draft_package(package, given)
    if out is not None:
        _write(report, out)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report, out)


def _parties(file: Path | None, store: KeyStore) -> dict[str, PartyId]:
    if file is None:
        return {}
    try:
        named = json.loads(read_file(file, DRAFT_BYTES))
    except ValueError as error:
        raise MalformedDraft(f"{file} is not JSON: {error}") from error
    if not isinstance(named, dict) or not all(isinstance(one, str) for one in named.values()):
        raise MalformedDraft(
            f"{file} is not an object of texts", expected='{"Supplier S.A.": "did:key:z..."}'
        )
    return {name: read_party(store, one) for name, one in named.items()}


def _write(report: Report, out: Path) -> None:
    for release in report.releases:
        if release.drafts is not None:
            name = re.sub(r"[^A-Za-z0-9._-]", "_", release.ocid)[:100]
            write_new(out / f"{name}.framework.json", _document(release.drafts.framework))
            if release.drafts.calloff is not None:
                write_new(out / f"{name}.calloff.json", _document(release.drafts.calloff))
    write_new(out / "report.json", _document(report.as_json()))


def _document(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _show(report: Report, out: Path | None) -> None:
    rows = []
    for release in report.releases:
        mapped = sum(1 for item in release.items if item.unmapped is None)
        outcome = release.undrafted.found if release.undrafted else "drafted"
        rows.append([release.ocid, release.title[:40], f"{mapped}/{len(release.items)}", outcome])
    table("", ["release", "title", "items mapped", "outcome"], rows, numbers=[2])
    totals = report.totals.as_json()
    for name, value in totals.items():
        if isinstance(value, dict):
            say(f"{name.replace('_', ' ')}:")
            for reason, count in value.items():
                say(f"  {count:6} {reason}")
        else:
            say(f"{name.replace('_', ' ')}: {value}")
    if out is not None:
        say(
            f"drafts and report.json are in {out}; complete what report.json lists, then sign with: tally sign DRAFT"
        )
    else:
        say("nothing was written: give --out FOLDER for the drafts and the whole report")
