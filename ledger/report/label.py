"""Labels for boxes: a lot in words, and a code that leads to it, on sheets as SVG or PDF.

The code is a QR code (ISO/IEC 18004, level M) of one address. It names the lot by its statement's id,

    https://log.example.org/l/<id>

or, where the goods have a GTIN, by the GS1 Digital Link (GS1 Digital Link URI Syntax 1.2) of GTIN and lot,

    https://id.gs1.org/01/09506000134352/10/A-0504

An address only leads somewhere: what is there is believed when its bundle verifies, not because a label says so. The
maker is named on a label only where that is asked for, and only by a name it gave itself in the clear.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import quote, urlsplit

import segno

from ledger.errors import Malformed
from ledger.report.html import day
from ledger.report.pdf import load_typst
from ledger.report.svg import Markup, element, text, title
from ledger.rules.records import Kind, Lot, Party
from ledger.rules.situation import Situation
from ledger.rules.state import find
from ledger.units import StatementId

GS1_RESOLVER: Final = "https://id.gs1.org"
URL_CHARS: Final = 120  # with an id behind it still a code that prints well on a label

COLUMNS: Final = 3
ROWS: Final = 8
PER_SHEET: Final = COLUMNS * ROWS
"""24 labels of 70 by 37 mm on A4, the commonest sheet there is."""

_SHEET_MM: Final = (210, 297)
_LABEL_MM: Final = (70, 37)
_CODE_MM: Final = 29
_QUIET_MODULES: Final = 4  # ISO/IEC 18004 6.3.8
_TEXT_X_MM: Final = 33
_INK: Final = "#000"

_GTIN: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_GS1_LOT: Final = re.compile(
    r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}"
)  # AI (10), GS1 General Specifications 7.11


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one label."""

    link: str
    lot: str
    quantity: str
    item: str
    contract: str
    signed_off: date
    statement: StatementId
    maker: str | None


def lot_link(url: str, lot: Lot) -> str:
    """The address of a lot's page on a server. Raises `Malformed`."""
    return f"{_checked_url(url)}/l/{lot.id}"


def digital_link(url: str, gtin: str, lot: Lot) -> str:
    """The GS1 Digital Link of a lot of the goods with a GTIN of 8, 12, 13 or 14 digits. Raises `Malformed`."""
    if not _GTIN.fullmatch(gtin) or _check_digit(gtin[:-1]) != gtin[-1]:
        raise Malformed(
            f"{gtin[:20]!r} is not a GTIN",
            expected="8, 12, 13 or 14 digits, the last of them the check digit",
        )
    if not _GS1_LOT.fullmatch(lot.name):
        raise Malformed(
            f"the lot id {lot.name[:40]!r} does not fit a GS1 code",
            expected="at most 20 of the letters, digits and signs of GS1's set 82",
            hint="leave --gtin out, and give --url: the code then leads to the lot by its statement",
        )
    return f"{_checked_url(url)}/01/{gtin.zfill(14)}/10/{quote(lot.name, safe='')}"


def label_of(at: Situation, lot: Lot, link: str, *, with_maker: bool) -> Label:
    """Lay out the label of a lot. Raises `Malformed` if its maker is to be named and has no name in the clear."""
    framework = at.latest_terms
    line = framework.line(lot.line)
    assert line is not None, "a lot is signed off for a line that there is"
    return Label(
        link=link,
        lot=lot.name,
        quantity=str(lot.quantity(lot.released)),
        item=line.description,
        contract=framework.reference,
        signed_off=lot.signed_off,
        statement=lot.id,
        maker=_maker(at, lot) if with_maker else None,
    )


def render_sheets(labels: Sequence[Label]) -> list[Markup]:
    """Sheets of `PER_SHEET` labels, each a drawing of a whole A4 page in millimetres."""
    return [_sheet(labels[start : start + PER_SHEET]) for start in range(0, len(labels), PER_SHEET)]


def render_svg(labels: Sequence[Label]) -> bytes:
    """One sheet. Raises `Malformed` for more labels than it holds."""
    if len(labels) > PER_SHEET:
        raise Malformed(
            f"{len(labels)} labels on one drawing",
            expected=f"at most {PER_SHEET}",
            hint="write a .pdf instead",
        )
    return render_sheets(labels)[0].encode()


def render_pdf(labels: Sequence[Label]) -> bytes:
    """All sheets. Raises `TallyError` where Typst is not installed."""
    typst = load_typst()
    sheets = {f"sheet{number}": sheet for number, sheet in enumerate(render_sheets(labels))}
    pages = "".join(
        f'#image(bytes(sys.inputs.{name}), format: "svg", width: 210mm, alt: "Labels, sheet {number}")\n'
        for number, name in enumerate(sheets, 1)
    )
    template = f'#set page(paper: "a4", margin: 0mm)\n#set block(spacing: 0mm)\n{pages}'
    last = max(label.signed_off for label in labels)  # so that the same labels give the same bytes
    when = datetime(last.year, last.month, last.day, tzinfo=UTC)
    made = typst.compile(template.encode(), sys_inputs=sheets, timestamp=when)
    assert isinstance(made, bytes), "one document gives one file"
    return made


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query or parts.fragment:
        raise Malformed(f"{url[:80]!r} is no address to lead to", expected="https://host, without ? and #")
    if len(url) > URL_CHARS or not url.isascii():
        raise Malformed(
            f"{url[:80]!r} is too long for a code", expected=f"at most {URL_CHARS} ASCII characters"
        )
    return url.rstrip("/")


def _check_digit(digits: str) -> str:
    """GS1 General Specifications 7.9.1: weights 3 and 1 from the right."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def _maker(at: Situation, lot: Lot) -> str:
    party = find(at.view, "", Kind.PARTY, lot.maker, Party)
    if party is None or party.name is None:
        raise Malformed(
            f"the maker of lot {lot.name} gave its name as a commitment, not in the clear",
            expected="a name that may be shown",
            hint="print with --no-maker",
        )
    return party.name


def _sheet(labels: Sequence[Label]) -> Markup:
    width, height = _SHEET_MM
    said = f"Labels of {len(labels)} boxes"
    return element(
        "svg",
        [title(said), *_placed(labels)],
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=f"{width}mm",
        height=f"{height}mm",
        role="img",
        aria_label=said,
    )


def _placed(labels: Iterable[Label]) -> list[Markup]:
    width, height = _LABEL_MM
    return [
        element(
            "g",
            _drawn(label),
            transform=f"translate({number % COLUMNS * width} {number // COLUMNS * height + _top()})",
        )
        for number, label in enumerate(labels)
    ]


def _top() -> float:
    return (_SHEET_MM[1] - ROWS * _LABEL_MM[1]) / 2


def _drawn(label: Label) -> list[Markup]:
    """The code on the left; beside it the lot, how much it is, and what of; below them where to look."""
    small = [
        *textwrap.wrap(label.item, 27, max_lines=2, placeholder="…"),
        _cut(f"Contract {label.contract}", 27),
        f"Signed off {day(label.signed_off)}",
        *([_cut(label.maker, 27)] if label.maker else []),
    ]
    lines = [_line(9, label.lot, 5, 13, weight="bold"), _line(14, label.quantity, 3.4, 20)]
    lines += [_line(18.5 + 3.4 * row, words, 2.6, 27) for row, words in enumerate(small)]
    where = f"{urlsplit(label.link).netloc} · {label.statement[:16]}"
    return [_code(label.link), *lines, _line(34.6, where, 2.1, 60, x=4)]


def _line(
    y: float, words: str, size: float, chars: int, *, x: float = _TEXT_X_MM, weight: str | None = None
) -> Markup:
    return text(x, y, _cut(words, chars), font_size=size, fill=_INK, font_weight=weight, class_=None)


def _cut(words: str, chars: int) -> str:
    """Cut to what fits: whoever wants it whole scans the code."""
    return words if len(words) <= chars else f"{words[: chars - 1]}…"


def _code(link: str) -> Markup:
    """The code with its quiet zone; each run of dark modules is one bar."""
    rows = segno.make(link, error="m", micro=False).matrix
    module = _CODE_MM / (len(rows) + 2 * _QUIET_MODULES)
    bars = "".join(
        f"M{run.start()} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(rows)
        for run in re.finditer(b"\x01+", bytes(row))
    )
    offset = (
        f"translate({2 + _QUIET_MODULES * module:.4f} {2 + _QUIET_MODULES * module:.4f}) scale({module:.5f})"
    )
    return element("path", d=bars, fill=_INK, transform=offset, shape_rendering="crispEdges")
