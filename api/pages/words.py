"""What pages say, in the reader's language: words/<language>.json, numbers and days as they are written there. What the
page that checks files says too, or alone, is in static/words/, where a browser can read it; both are one set of words.

A word is named by where it stands (`contract.makers`); `{...}` in it are values. Of two forms, `.one` is for one thing
and `.many` for all others. Whatever the ledger itself says in a sentence (a finding, a path) stays in English, and is
marked so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from ledger.units import UNITS, format_decimal

LANGUAGES: Final = ("en", "es", "fr")
OWN_NAMES: Final = {"en": "English", "es": "Español", "fr": "Français"}

_MARKS: Final = {"en": (",", "."), "es": ("\u202f", ","), "fr": ("\u202f", ",")}
"""Between thousands, and before the decimals."""
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", re.ASCII
)
_RANGES: Final = 20


def chosen_language(*, asked: str | None, remembered: str | None, accepted: str) -> str:
    """The language of an answer: the one asked for, the one chosen before, or the first that the browser takes."""
    for one in (asked, remembered):
        if one in LANGUAGES:
            return one
    weighed: dict[str, float] = {}
    for part in accepted.split(",")[:_RANGES]:
        match = _RANGE.fullmatch(part)
        if match and match[1].lower() in LANGUAGES:
            weighed.setdefault(match[1].lower(), float(match[2] or 1))
    return max(weighed, key=lambda one: weighed[one], default=LANGUAGES[0])


@cache
def words_of(language: str) -> Words:
    """The words of a language, read once."""
    said: dict[str, Markup] = {}
    for folder in ("static/words", "words"):
        text = files("api.pages").joinpath(folder, f"{language}.json").read_text(encoding="utf-8")
        said |= {name: Markup(word) for name, word in json.loads(text).items()}  # noqa: S704  # ours
    return Words(language, said)


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    language: str
    said: dict[str, Markup]

    def t(self, name: str, **values: object) -> Markup:
        """A word with its values, each escaped."""
        return self.said[name].format(**values)

    def count(self, name: str, number: int) -> Markup:
        """So many of something, in its number's form."""
        one = number == 1 or (number == 0 and self.language == "fr")
        return self.t(f"{name}.{'one' if one else 'many'}", n=self.number(number))

    def number(self, value: Decimal | int | None) -> str:
        """A figure; a dash for what is not known."""
        if value is None:
            return "–"
        group, point = _MARKS[self.language]
        plain = format_decimal(Decimal(value), ",").replace("-", "\u2212")
        return plain.translate({ord(","): group, ord("."): point})

    def percent(self, part: Decimal, whole: Decimal) -> str:
        """A share, to one decimal below a hundred; a dash of nothing. Never 100 % where something is missing."""
        if not whole:
            return "–"
        tenths = part * 1000 / whole
        rounded = int(tenths) if tenths < 1000 else int(tenths.to_integral_value())
        return f"{self.number(Decimal(rounded) / 10)}\u202f%"

    def unit(self, code: str) -> Markup:
        """A unit as a column's heading: `pieces`."""
        return self.said[f"unit.{code}"] if code in UNITS else Markup("{}").format(code)

    def quantity(self, value: Decimal, unit: str) -> Markup:
        return Markup("{} {}").format(self.number(value), self.unit(unit))

    def day(self, value: date | datetime | None) -> Markup:
        """`20 Apr 2026`; of a moment the day alone."""
        if value is None:
            return Markup("–")
        day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
        said = f"{day.day}\u00a0{self.said[f'month.{day.month}']}\u00a0{day.year}"
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), said)

    def short_day(self, value: date) -> str:
        return f"{value.day} {self.said[f'month.{value.month}']}"

    def moment(self, value: datetime | None) -> Markup:
        """A day and a time, with the offset it was said in."""
        if value is None:
            return Markup("–")
        offset = value.strftime("%z")
        zone = "UTC" if offset in {"+0000", ""} else f"UTC{offset[:3]}:{offset[3:]}"
        said = f"{value.day}\u00a0{self.said[f'month.{value.month}']}\u00a0{value.year}, {value:%H:%M}\u00a0{zone}"
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(timespec="seconds"), said)
