"""Drawings of a page, as SVG: progress as nested areas, shares of makers, bars of a table.

They are sharp at every width and have text of the page's own size: a drawing takes the width it is given, text and
rules lie at percentages of it, and only what has no text is stretched. Colours come from the style sheet, by class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final
from xml.sax.saxutils import escape

from markupsafe import Markup

from api.pages.words import Words
from ledger.report.svg import element, title
from ledger.views.answers.series import Due, Point, Progress

STAGES: Final = ("ordered", "signed off", "dispatched", "received", "accepted")
"""Along the way of goods; each is a part of the one before, or nearly."""

_HEIGHT: Final = 250
_TOP: Final = 26
_BOTTOM: Final = 30
_STEPS: Final = 1_000
"""The grid of what is stretched."""
_BARS: Final = 120
"""Makers drawn one by one; of more, as many groups."""


def progress_chart(words: Words, progress: Progress) -> Markup:
    """What was signed off, dispatched, received and accepted, as areas in each other, under what was ordered.

    The space between two areas is what is on its way between them. Empty where nothing has happened.
    """
    drawn = [one for one in progress.series if one.points]
    if not drawn:
        return Markup("")
    frame = _frame(progress)
    areas = [
        element("path", d=_area(frame, one.points), class_=f"area {css(one.name)}")
        for one in drawn
        if one.name != "ordered"
    ]
    orders = [
        element("path", d=_line(frame, one.points), class_="order") for one in drawn if one.name == "ordered"
    ]
    told = "; ".join(
        f"{words.t(f'stage.{css(one.name)}')} {words.number(one.points[-1].total)}" for one in drawn
    )
    unit = words.unit(progress.unit)
    return _whole(
        [*_grid(words, frame, unit), _stretched([*areas, *orders]), *_due(words, frame, progress.due)],
        _HEIGHT,
        words.t("chart.progress", unit=unit, told=told).unescape(),
        "progress",
    )


def share_chart(words: Words, made: Sequence[Decimal], unit: str) -> Markup:
    """What each maker made, the largest first; of very many makers, the mean of equal groups."""
    if not made or not made[0]:
        return Markup("")
    columns = _grouped(made)
    wide = _STEPS / len(columns)
    path = "".join(
        f"M{_n(at * wide + wide * 0.08)} {_STEPS}V{_n(_STEPS - float(value / columns[0]) * _STEPS)}"
        f"h{_n(wide * 0.84)}V{_STEPS}z"
        for at, value in enumerate(columns)
    )
    height, names = 120, words.unit(unit)
    grid = [
        _rule(24),
        _text("0%", 18, words.quantity(columns[0], unit).unescape(), "axis"),
        _rule(height - 22, "base"),
        _text("0%", height - 6, words.t("chart.largest").unescape(), "axis"),
        _text("100%", height - 6, words.t("chart.smallest").unescape(), "axis", "end"),
    ]
    drawn = _stretched([element("path", d=path, class_="columns")], 24, height - 46)
    return _whole(
        [*grid, drawn], height, words.t("chart.shares", n=len(made), unit=names).unescape(), "shares"
    )


def bar(part: Decimal, whole: Decimal, kind: str) -> Markup:
    """A bar beside a figure that says the same: nothing for a screen reader."""
    share = min(max(float(part / whole), 0.0), 1.0) if whole else 0.0
    return _bar(f"{share:.1%}", kind)


@lru_cache(maxsize=4_096)
def _bar(wide: str, kind: str) -> Markup:
    drawn = [element("rect", width=wide, height="100%")]
    return Markup(  # noqa: S704  # numbers and names of our own
        element("svg", drawn, class_=f"bar {css(kind)}", width="100%", height=8, aria_hidden="true")
    )


def css(name: str) -> str:
    """The class of a stage."""
    return name.replace(" ", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where days and totals lie: across in shares of the width, up in shares of the height."""

    first: date
    last: date
    top: Decimal

    def across(self, day: date) -> float:
        return (day - self.first).days / ((self.last - self.first).days or 1)

    def up(self, total: Decimal) -> float:
        return 1 - float(total / self.top)

    def height(self, total: Decimal) -> float:
        """In pixels of the whole drawing."""
        return _TOP + self.up(total) * (_HEIGHT - _TOP - _BOTTOM)


def _frame(progress: Progress) -> _Frame:
    points = list(chain.from_iterable(one.points for one in progress.series))
    days = [one.day for one in points] + [one.day for one in progress.due]
    most = max(one.total for one in points) or Decimal(1)
    return _Frame(min(days), max(days) + timedelta(days=1), most)


def _area(frame: _Frame, points: Sequence[Point]) -> str:
    return f"{_line(frame, points)}V{_STEPS}H{_n(frame.across(points[0].day) * _STEPS)}z"


def _line(frame: _Frame, points: Sequence[Point]) -> str:
    """A step up on each day, flat between, to the end of the drawing."""
    first = frame.across(points[0].day) * _STEPS
    steps = (f"H{_n(frame.across(one.day) * _STEPS)}V{_n(frame.up(one.total) * _STEPS)}" for one in points)
    return f"M{_n(first)} {_STEPS}{''.join(steps)}H{_STEPS}"


def _grid(words: Words, frame: _Frame, unit: Markup) -> Iterable[str]:
    """A rule at each round total, named on it; days below."""
    values = _round_values(frame.top)
    for value in values:
        yield _rule(frame.height(value), "" if value else "base")
        if value:
            said = f"{words.number(value)} {unit.unescape()}" if value == values[-1] else words.number(value)
            yield _text("0%", frame.height(value) - 5, said, "axis")
    days = (frame.last - frame.first).days
    every = max(1, -(-days // 5))
    for offset in range(0, days + 1, every):
        day = frame.first + timedelta(days=offset)
        share = frame.across(day)
        anchor = "start" if share < 0.02 else "end" if share > 0.94 else "middle"
        yield _text(f"{share * 100:.2f}%", _HEIGHT - 10, words.short_day(day), "axis", anchor)


def _due(words: Words, frame: _Frame, due: Sequence[Due]) -> Iterable[str]:
    for day in dict.fromkeys(one.day for one in due):
        x = f"{frame.across(day) * 100:.2f}%"
        anchor = "end" if frame.across(day) > 0.5 else "start"
        for kind in ("under-due", "due"):  # on a ground of its own, so that it is seen on every area
            yield element("line", x1=x, x2=x, y1=_TOP - 8, y2=_HEIGHT - _BOTTOM, class_=kind)
        yield _text(
            x, _TOP - 12, words.t("chart.due", day=words.short_day(day)).unescape(), "due-said", anchor
        )


def _round_values(top: Decimal) -> list[Decimal]:
    """0 and the multiples of 1, 2 or 5 times a power of ten up to `top`: at most five of them."""
    power = Decimal(10) ** (top.adjusted() - 1)
    steps = (power * factor for factor in (1, 2, 5, 10, 20, 50))
    step = next(one for one in steps if top / one < 5)
    return [step * count for count in range(int(top / step) + 1)]


def _grouped(made: Sequence[Decimal]) -> list[Decimal]:
    if len(made) <= _BARS:
        return list(made)
    bounds = [len(made) * at // _BARS for at in range(_BARS + 1)]
    groups = [made[start:end] for start, end in pairwise(bounds)]
    return [sum(group, Decimal(0)) / len(group) for group in groups]


def _stretched(content: Iterable[str], y: float = _TOP, height: float = _HEIGHT - _TOP - _BOTTOM) -> str:
    return element(
        "svg", content,
        y=y, width="100%", height=height, viewBox=f"0 0 {_STEPS} {_STEPS}", preserveAspectRatio="none",
    )  # fmt: skip


def _whole(content: Iterable[str], height: int, said: str, kind: str) -> Markup:
    drawn = element(
        "svg",
        [title(said), *content],
        class_=f"chart {kind}",
        width="100%",
        height=height,
        role="img",
        aria_label=said,
    )
    return Markup(drawn)  # noqa: S704  # made by `element`, which escapes


def _rule(y: float, kind: str = "") -> str:
    return element("line", x1=0, x2="100%", y1=y, y2=y, class_=f"rule {kind}".strip())


def _text(x: str, y: float, said: str, kind: str, anchor: str | None = None) -> str:
    return element("text", [escape(said)], x=x, y=y, class_=kind, text_anchor=anchor)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
