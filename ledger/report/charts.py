"""The charts of a report, as SVG: progress over time, share by maker, lead times. Pure functions of plain figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from ledger.report.svg import MUTED, Markup, drawing, element, line, text, title
from ledger.trace.progress import Series
from ledger.units import format_decimal

SERIES: Final = ("#8a97a5", "#b8860b", "#2f6f9f", "#1f7a5c", "#7a3e8e")
"""Grey for what is promised; then ochre, blue, green, violet along the way of the goods."""
BAR: Final = "#2f6f9f"
LATE: Final = "#b23a2e"

_WIDTH: Final = 720
_LEFT: Final = 64
_RIGHT: Final = 120


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, how long it is, and what it says."""

    label: str
    value: Decimal
    says: str


def progress_chart(
    series: Sequence[Series], unit: str, due: Sequence[tuple[date, str]] = ()
) -> Markup | None:
    """Running totals as steps over the days, with what is due when; None where nothing has happened."""
    drawn = [one for one in series if one.points]
    if not drawn:
        return None
    days = [day for one in drawn for day, _ in one.points] + [day for day, _ in due]
    first, last = min(days), max(days) + timedelta(days=1)
    top = max(total for one in drawn for _, total in one.points)
    frame = _Frame(first, last, top or Decimal(1), height=260)
    content = [*_grid(frame, unit), *_due(frame, due)]
    labels: list[tuple[float, str, str]] = []
    for one in drawn:
        colour = SERIES[series.index(one) % len(SERIES)]
        content.append(_steps(frame, one, colour))
        labels.append((frame.y(one.points[-1][1]), one.name, colour))
    content.extend(_end_labels(frame, labels))
    words = "; ".join(f"{one.name} {format_decimal(one.points[-1][1], ',')}" for one in drawn)
    return drawing(_WIDTH, frame.height + 34, f"Progress over time in {unit}: {words}", content)


def share_chart(bars: Sequence[Bar], label: str) -> Markup | None:
    """Horizontal bars, largest first as given; None where there are none."""
    if not bars:
        return None
    most = max(bar.value for bar in bars) or Decimal(1)
    height, left, room = 18, 250, _WIDTH - 250 - 130
    content = []
    for place, bar in enumerate(bars):
        y = 4 + place * height
        long = float(bar.value / most) * room
        content += [
            text(left - 8, y + 12, _shortened(bar.label, 42), text_anchor="end"),
            element(
                "rect", [title(f"{bar.label}: {bar.says}")],
                x=left, y=y + 3, width=max(long, 0.5), height=height - 6, fill=BAR, class_="bar",
            ),
            text(left + long + 6, y + 12, bar.says, fill=MUTED, class_="muted"),
        ]  # fmt: skip
    return drawing(_WIDTH, 8 + len(bars) * height, label, content)


def lead_time_chart(days: Sequence[int], label: str) -> Markup | None:
    """How many lots took how many days, as columns of a bin's width; None where there are none."""
    if not days:
        return None
    width = max(1, -(-(max(days) - min(days) + 1) // 24))
    start = min(days)
    bins = [0] * (-(-(max(days) - start + 1) // width))
    for one in days:
        bins[(one - start) // width] += 1
    height, step = 120, (_WIDTH - 40) / max(len(bins), 12)
    content = []
    for place, count in enumerate(bins):
        low = start + place * width
        tall = count / max(bins) * (height - 20)
        said = f"{low}" if width == 1 else f"{low}-{low + width - 1}"
        x = 20 + place * step
        content.append(
            element(
                "rect", [title(f"{said} days: {count} lots")],
                x=x + 1, y=height - tall, width=step - 2, height=tall, fill=BAR, class_="bar",
            )
        )  # fmt: skip
        if count:
            content.append(
                text(x + step / 2, height - tall - 4, str(count), text_anchor="middle", font_size=10)
            )
        content.append(text(x + step / 2, height + 14, said, text_anchor="middle", font_size=10, fill=MUTED))
    content.append(line(20, height, _WIDTH - 20, height))
    return drawing(
        _WIDTH, height + 34, label, [*content, text(20, height + 30, "days", fill=MUTED, font_size=10)]
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where days and totals lie on the drawing."""

    first: date
    last: date
    top: Decimal
    height: int

    def x(self, day: date) -> float:
        span = (self.last - self.first).days or 1
        return _LEFT + (day - self.first).days / span * (_WIDTH - _LEFT - _RIGHT)

    def y(self, total: Decimal) -> float:
        return self.height - float(total / self.top) * (self.height - 16)


def _grid(frame: _Frame, unit: str) -> list[Markup]:
    step = _round_step(frame.top)
    content, value = [], Decimal(0)
    while value <= frame.top:
        y = frame.y(value)
        content += [
            line(_LEFT, y, _WIDTH - _RIGHT, y),
            text(_LEFT - 8, y + 4, format_decimal(value, ","), text_anchor="end", fill=MUTED, class_="muted"),
        ]
        value += step
    content.append(text(_LEFT + 4, 12, unit, fill=MUTED, font_size=10, class_="muted"))
    days = (frame.last - frame.first).days
    every = max(1, -(-days // 7))
    for offset in range(0, days + 1, every):
        day = frame.first + timedelta(days=offset)
        x, said = frame.x(day), f"{day.day} {day:%b}"
        content.append(text(x, frame.height + 16, said, text_anchor="middle", fill=MUTED, class_="muted"))
    return content


def _due(frame: _Frame, due: Sequence[tuple[date, str]]) -> list[Markup]:
    content = []
    for day, what in due:
        x = frame.x(day)
        content += [
            line(x, 4, x, frame.height, stroke=LATE, stroke_dasharray="3 3", class_="late"),
            text(x - 4, 14, what, text_anchor="end", fill=LATE, font_size=10, class_="late-ink"),
        ]
    return content


def _steps(frame: _Frame, series: Series, colour: str) -> Markup:
    """A step up on each day; flat between."""
    x, y = frame.x(series.points[0][0]), frame.y(Decimal(0))
    path = [f"M{x:.1f} {y:.1f}"]
    for day, total in series.points:
        path.append(f"H{frame.x(day):.1f}V{frame.y(total):.1f}")
    path.append(f"H{frame.x(frame.last):.1f}")
    said = f"{series.name}: {format_decimal(series.points[-1][1], ',')}"
    return element("path", [title(said)], d="".join(path), fill="none", stroke=colour, stroke_width=2)


def _end_labels(frame: _Frame, labels: list[tuple[float, str, str]]) -> list[Markup]:
    """Names at the ends of the lines, moved apart where they would lie on each other."""
    placed: list[tuple[float, str, str]] = []
    for y, name, colour in sorted(labels, key=lambda one: one[0]):
        lowest = placed[-1][0] + 13 if placed else y
        placed.append((max(y, lowest), name, colour))
    over = placed[-1][0] - frame.height
    if over > 0:
        placed = [(y - over, name, colour) for y, name, colour in placed]
    return [
        text(_WIDTH - _RIGHT + 6, y + 4, name, fill=colour, font_weight=600) for y, name, colour in placed
    ]


def _round_step(top: Decimal) -> Decimal:
    """A step of 1, 2 or 5 times a power of ten that divides the axis into four to ten parts."""
    power = Decimal(10) ** (top.adjusted() - 1)
    return next(
        step
        for step in (power, 2 * power, 5 * power, 10 * power, 20 * power, 50 * power, 100 * power)
        if top / step <= 6
    )


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
