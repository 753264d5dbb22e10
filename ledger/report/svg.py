"""Writing SVG: elements as text, with everything that comes from outside escaped.

Colours stand as presentation attributes, so that a drawing is whole by itself, on paper and in a PDF; each element
also has a class, by which a page may give it other colours (CSS beats presentation attributes).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#1d2733"
MUTED: Final = "#66727f"
RULE: Final = "#d5dade"
FONT: Final = "sans-serif"

Markup = str
"""SVG text that is safe to embed: made by the functions here alone."""


def element(name: str, content: Iterable[Markup] = (), /, **attributes: object) -> Markup:
    """`<name ...>content</name>`; an underscore in an attribute's name stands for a hyphen, one at its end for none."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(content)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def text(x: float, y: float, words: str, /, **attributes: object) -> Markup:
    """A line of text at its baseline."""
    style: dict[str, object] = {
        "font_family": FONT,
        "font_size": 11,
        "fill": INK,
        "class_": "ink",
        **attributes,
    }
    return element("text", [escape(words)], x=x, y=y, **style)


def title(words: str) -> Markup:
    """What a pointer over the enclosing element shows, and a screen reader says."""
    return element("title", [escape(words)])


def drawing(width: float, height: float, label: str, content: Iterable[Markup]) -> Markup:
    """A whole drawing that fits its column; `label` says in words what it shows."""
    return element(
        "svg",
        [title(label), *content],
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
    )


def line(x1: float, y1: float, x2: float, y2: float, /, **attributes: object) -> Markup:
    style: dict[str, object] = {"stroke": RULE, "class_": "rule", **attributes}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)


def _number(value: object) -> str:
    """At most one decimal: a tenth of a pixel is finer than any eye."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
