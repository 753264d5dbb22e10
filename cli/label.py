"""`tally label`: sheets of labels for boxes, with a code that leads to the lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.common import LOG_FOLDER, JsonOption, LogOption, refuse_existing, resolve_id, write_new
from cli.output import print_json, say
from ledger.errors import Malformed
from ledger.log.reader import LogReader
from ledger.report.label import (
    GS1_RESOLVER,
    PER_SHEET,
    Label,
    digital_link,
    label_of,
    lot_link,
    render_pdf,
    render_svg,
)
from ledger.rules.refusal import short_id
from ledger.trace.up import situation_around
from ledger.units import StatementId

RENDERINGS: Final[Mapping[str, Callable[[Sequence[Label]], bytes]]] = {".pdf": render_pdf, ".svg": render_svg}


def label(
    lots: Annotated[
        list[str],
        typer.Argument(metavar="LOT...", help="Sign-offs of lots: ids, their beginnings, or @FILE."),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write: .pdf, or .svg for one sheet.")],
    url: Annotated[
        str | None,
        typer.Option("--url", help="The server that the codes lead to, as https://log.example.org."),
    ] = None,
    gtin: Annotated[
        str | None,
        typer.Option(
            "--gtin", help="The goods' GTIN: the codes are GS1 Digital Links. Without --url at id.gs1.org."
        ),
    ] = None,
    maker: Annotated[
        bool, typer.Option("--maker/--no-maker", help="Name the maker, if its name is in the clear.")
    ] = False,
    copies: Annotated[int, typer.Option("--copies", min=1, max=1000, help="So many labels of each lot.")] = 1,
    log: LogOption = LOG_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Print labels for boxes: the lot, its quantity and a QR code that leads to where it can be checked.

    The sheets are A4 with 24 labels of 70 x 37 mm; print at 100 %. Whoever scans a code believes nothing by it: the
    page it leads to has the evidence.
    """
    if out.suffix not in RENDERINGS:
        raise Malformed(f"{out} is no kind of sheet", expected="a name ending in " + ", ".join(RENDERINGS))
    if url is None and gtin is None:
        raise Malformed("the codes have nowhere to lead to", expected="--url, --gtin, or both")
    refuse_existing(out)
    with LogReader.open(log) as reader:
        made = [_label(reader, resolve_id(reader, lot), url, gtin, with_maker=maker) for lot in lots]
    write_new(out, RENDERINGS[out.suffix]([one for one in made for _ in range(copies)]))
    sheets = -(-len(made) * copies // PER_SHEET)
    if as_json:
        labels = [{"lot": one.lot, "statement": one.statement, "link": one.link} for one in made]
        print_json({"file": str(out), "sheets": sheets, "copies": copies, "labels": labels})
    else:
        say(f"written to {out}: {len(made) * copies} labels on {sheets} A4 sheets; print them at 100 %")


def _label(
    reader: LogReader, statement: StatementId, url: str | None, gtin: str | None, *, with_maker: bool
) -> Label:
    at = situation_around(reader.store, statement, ())
    lot = at.lots.get(statement)
    if lot is None:
        raise Malformed(f"{short_id(statement)} is not the sign-off of a lot", expected="a batch.signed_off")
    if gtin is not None:
        link = digital_link(url or GS1_RESOLVER, gtin, lot)
    else:
        assert url is not None, "one of the two is there"
        link = lot_link(url, lot)
    return label_of(at, lot, link, with_maker=with_maker)
