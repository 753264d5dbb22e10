"""A report as one HTML file: no script, no network, no font or picture from elsewhere; reads on screen and on paper."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ledger.report.charts import lead_time_chart, progress_chart, share_chart
from ledger.report.graph import provenance_graph
from ledger.report.model import COLUMNS, SHORT, LineCharts, Report
from ledger.units import UNITS, format_decimal

SEVERITIES: Final = ("critical", "warning", "note")


def render_html(report: Report) -> bytes:
    """The file's bytes; the same report gives the same bytes."""
    page = _environment().get_template("report.html.j2")
    return page.render(report=report, severities=SEVERITIES, short=SHORT, columns=COLUMNS).encode()


def drawings(charts: LineCharts) -> list[tuple[str, str]]:
    """The drawings of a line that show something, as (caption, SVG)."""
    unit = plural(charts.unit)
    drawn = (
        ("Progress", progress_chart(charts.progress, unit, charts.due)),
        (
            "Days from call-off to sign-off, by lot",
            lead_time_chart(charts.lead_times, "Lead times of lots, in days"),
        ),
        ("Share by maker", share_chart(charts.shares, f"Signed off by maker, in {unit}")),
        ("Where it came from", provenance_graph(charts.nodes, charts.edges, unit)),
    )
    return [(caption, svg) for caption, svg in drawn if svg is not None]


def plural(unit: str) -> str:
    """A unit as a column's heading: `pieces`."""
    name = UNITS.get(unit, unit)
    return name if name == "each" else f"{name}s"


def number(value: Decimal | int | None) -> str:
    """A quantity for a table; a dash for what is not known."""
    return "–" if value is None else format_decimal(Decimal(value), group=",")


def day(value: date | datetime) -> str:
    """`20 April 2026`, and the time with its offset where there is one."""
    said = f"{value.day} {value:%B %Y}"
    return f"{said}, {value:%H:%M %Z}" if isinstance(value, datetime) else said


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ledger.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=number, day=day, unit=plural)
    environment.globals["drawings"] = lambda charts: [(said, Markup(svg)) for said, svg in drawings(charts)]  # noqa: S704  # ours, escaped
    return environment
