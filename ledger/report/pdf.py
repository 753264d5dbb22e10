"""A report as a PDF (PDF/A-2a, tagged), set by Typst from a template and one JSON document.

Text reaches the template as data in a string, never as markup, so nothing in an event can be taken for an instruction.
Fonts are those that come with Typst, then the machine's: a name in a script that neither has shows as boxes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import import_module, resources
from types import ModuleType
from typing import Any, Final

from ledger.errors import TallyError
from ledger.report.html import SEVERITIES, day, drawings, number, plural
from ledger.report.model import COLUMNS, SHORT, Figures, LineRow, PartyRow, Report
from ledger.report.packed import packed

_STANDARD: Final = "a-2a"


def render_pdf(report: Report) -> bytes:
    """The file's bytes. Raises `TallyError` where Typst is not installed."""
    typst = load_typst()
    template = resources.files("ledger.report").joinpath("templates/report.typ").read_bytes()
    when = report.as_of or datetime(1970, 1, 1, tzinfo=UTC)
    made = typst.compile(
        template, sys_inputs={"report": json.dumps(_data(report))}, pdf_standards=[_STANDARD], timestamp=when
    )
    assert isinstance(made, bytes), "one document gives one file"
    return packed(made)


def load_typst() -> ModuleType:
    """Typst, an extra: it is 80 MB, and one rendering wants it. Raises `TallyError` where it is not installed."""
    try:
        return import_module("typst")
    except ImportError as error:
        raise TallyError(
            "a PDF needs Typst, which is not installed",
            hint="pip install 'tallystick[pdf]'; or write .html, which prints as well, or .json",
        ) from error


def _data(report: Report) -> dict[str, Any]:
    """What the template shows, every number already written as it is to be read."""
    evidence = report.evidence
    return {
        "contract": report.contract,
        "reference": report.reference,
        "title": report.title,
        "buyer": report.buyer,
        "prime": report.prime,
        "period": f"{day(report.first_day)} to {day(report.last_day)}",
        "state": report.state,
        "as_of": day(report.as_of) if report.as_of else None,
        "columns": list(COLUMNS),
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "worth": "; ".join(f"{what}: {money}" for what, money in report.worth),
        "lines": [_line(row) for row in report.lines],
        "hubs": [_party(row) for row in report.hubs],
        "makers": [_party(row) for row in report.makers],
        "promises": [
            {"what": row.what, "day": str(row.day), "state": row.state, "statement": row.statement}
            for row in report.promises
        ],
        "findings": [
            {
                "label": row.label,
                "severity": row.severity,
                "message": row.message,
                "figures": ", ".join(f"{name} {figure}" for name, figure in row.figures),
                "statements": list(row.statements),
                "closes": row.closes,
            }
            for row in report.findings
        ],
        "erased": [
            {
                "entry": number(row.entry),
                "statement": row.statement,
                "type": row.type,
                "state": row.state,
                "order": row.order,
                "by": row.by,
                "ground": row.ground,
            }
            for row in report.erased
        ],
        "charts": [
            {
                "line": charts.line,
                "description": charts.description,
                "unit": plural(charts.unit),
                "drawings": drawings(charts),
            }
            for charts in report.charts
        ],
        "evidence": {
            "origin": evidence.origin,
            "vkey": evidence.vkey,
            "size": number(evidence.size),
            "root": evidence.root,
            "note": evidence.note.strip(),
            "again": report.again,
            "registered_at": day(evidence.registered_at),
            "entries": number(evidence.entries),
            "of_contract": number(evidence.of_contract),
        },
    }


def _line(row: LineRow) -> dict[str, Any]:
    figures = row.figures
    return {
        "line": row.line,
        "description": row.description,
        "unit": plural(figures.unit),
        "price": row.price,
        "figures": _figures(figures),
        "ceiling": "none" if row.ceiling is None else number(row.ceiling),
        "short": [(name, number(getattr(figures, figure))) for name, figure in SHORT.items()],
    }


def _party(row: PartyRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "via": row.via,
        "line": row.line,
        "makers": str(row.makers),
        "lots": str(row.lots),
        "figures": _figures(row.figures),
    }


def _figures(figures: Figures) -> list[str]:
    return [number(getattr(figures, figure)) for figure in COLUMNS.values()]
