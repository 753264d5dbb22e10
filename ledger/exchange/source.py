"""A foreign JSON document: exact bytes to exact values, every value reached by its place.

Nothing of a source may get lost on the way in, so this reader refuses what other readers drop or change:

* numbers are decimals, as written: `0.1` is one tenth, `15890000000` has all its digits;
* a member name twice in one object is refused, since one of the two would vanish;
* so are bytes that are not UTF-8, half a surrogate pair, `NaN`, and more than `limits.SOURCE_DEPTH` levels.

A *leaf* is a value with nothing below it: text, number, true, false, null, and also `{}` and `[]`. A place is
the path of names and positions to it; its text form is `contracts[0].items[2].unit.name`, its *pattern*, which
many leaves share, `contracts[].items[].unit.name`. A name that is not a plain word stands in JSON quotes.

    >>> release = Node((), {"tender": {"items": [{"id": "a"}, {}]}})
    >>> [path_text(path) for path in leaves(release)]
    ['tender.items[0].id', 'tender.items[1]']
    >>> release["tender"]["items"][0]["id"].text
    'a'
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any, Final, NoReturn, TypeAlias

from ledger.errors import Malformed, MalformedSource, TooLarge
from ledger.limits import INTEGER_DIGITS, SOURCE_BYTES, SOURCE_DEPTH, SOURCE_NUMBER_CHARS
from ledger.units import EXACT, format_decimal, parse_decimal

Path: TypeAlias = tuple[str | int, ...]
"""Names and positions from the document's top down to a value."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_$-]+", re.ASCII)
_EXTENDED: Final = ("$numberLong", "$numberInt", "$numberDecimal")
_ZEROS: Final = 64
"""More digits than this after the point are not even looked at for trailing zeros."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a document and the value there; None where nothing stands, so that reading never fails."""

    path: Path
    value: Any

    def __getitem__(self, step: str | int) -> Node:
        """The member of that name or the element at that position."""
        value: Any = None
        if isinstance(step, str) and isinstance(self.value, dict):
            value = self.value.get(step)
        elif isinstance(step, int) and isinstance(self.value, list) and 0 <= step < len(self.value):
            value = self.value[step]
        return Node((*self.path, step), value)

    @property
    def each(self) -> tuple[Node, ...]:
        """The elements of an array; none where there is no array."""
        return tuple(self[at] for at in range(len(self.value))) if isinstance(self.value, list) else ()

    @property
    def text(self) -> str:
        """The text here, "" where there is none or it is blank."""
        return self.value if isinstance(self.value, str) and self.value.strip() else ""

    @property
    def label(self) -> str:
        """The name here, published as text or as a number; "" where there is none."""
        return str(self.value) if isinstance(self.value, Decimal) else self.text

    @property
    def id(self) -> str:
        """The `id` member as a label."""
        return self["id"].label

    def __str__(self) -> str:
        return path_text(self.path)


def read_source(data: bytes) -> dict[str, Any]:
    """Read a JSON object whose numbers are `Decimal`. Raises `MalformedSource`, or `TooLarge` beyond the bound.

    Cost: two passes over the document.
    """
    if len(data) > SOURCE_BYTES:
        raise TooLarge(f"a source of {len(data)} bytes", expected=f"at most {SOURCE_BYTES}")
    try:
        document = _DECODER.decode(data.decode())
    except UnicodeDecodeError as error:
        raise MalformedSource(
            f"a source that is not UTF-8 at byte {error.start}", expected="UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise MalformedSource(
            f"a source that is not JSON at line {error.lineno}, column {error.colno}: {error.msg}",
            expected="JSON (RFC 8259)",
        ) from error
    except RecursionError as error:
        # The decoder stops at the interpreter's own bound, which is far above ours.
        raise _too_deep() from error
    if type(document) is not dict:
        raise MalformedSource("a source that is not a JSON object", expected="an object at the top")
    _check(document)
    return document


def leaves(node: Node) -> Iterator[Path]:
    """The place of every leaf at or below a node, in the document's order."""
    if node.value and isinstance(node.value, dict):
        for name in node.value:
            yield from leaves(node[name])
    elif node.value and isinstance(node.value, list):
        for element in node.each:
            yield from leaves(element)
    else:
        yield node.path


def read_decimal(node: Node) -> tuple[Decimal, Node]:
    """The exact number at a node, zero or more, and the leaf it stands in.

    The leaf is one level down where a database's export wrote `{"$numberLong": "15890000000"}` (MongoDB Extended
    JSON), whose one meaning is that number. Raises `Malformed` for anything else, also for text: `1.200` is one
    thing in Madrid and another in London.
    """
    value = node.value
    if isinstance(value, Decimal):
        if value.adjusted() >= INTEGER_DIGITS or -int(value.as_tuple().exponent) > _ZEROS:
            raise Malformed(f"{value} is out of range", expected=f"less than 10^{INTEGER_DIGITS}")
        return parse_decimal(format_decimal(value)), node
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if name in _EXTENDED and isinstance(inner, str):
            return parse_decimal(inner), node[name]
    if value is None:
        raise Malformed("there is none", expected="a number")
    raise Malformed(f"{json.dumps(value, default=str)[:60]} is not a number", expected="a number")


def path_text(path: Path) -> str:
    """A place as a person writes it: `contracts[0].items[2].unit.name`."""
    return _join(f"[{step}]" if isinstance(step, int) else step for step in map(_step, path))


def path_pattern(path: Path) -> str:
    """What places that differ in positions only have in common: `contracts[].items[].unit.name`."""
    return _join("[]" if isinstance(step, int) else step for step in map(_step, path))


def _step(step: str | int) -> str | int:
    if isinstance(step, int) or _PLAIN_NAME.fullmatch(step):
        return step
    return json.dumps(step, ensure_ascii=True)


def _join(steps: Iterable[str]) -> str:
    return "".join(f".{step}" if not step.startswith("[") else step for step in steps).removeprefix(".")


def _check(document: Mapping[str, Any]) -> None:
    """Refuse what no draft could carry: nesting beyond the bound, halves of surrogate pairs."""
    level: list[Any] = [document]
    for _ in range(SOURCE_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                _check_text(value)
        level = below
        if not level:
            return
    raise _too_deep()


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedSource(
            f"text with the lone surrogate U+{ord(text[error.start]):04X}",
            expected="both halves of a surrogate pair, or none",
        ) from error


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        twice = Counter(name for name, _ in members).most_common(1)[0][0]
        raise MalformedSource(f"the member {twice[:80]!r} twice in one object", expected="each name once")
    return value


def _number(numeral: str) -> Decimal:
    try:
        if len(numeral) <= SOURCE_NUMBER_CHARS:
            return EXACT.create_decimal(numeral)
    except DecimalException:
        pass  # an exponent beyond any decimal
    raise MalformedSource(
        f"the number {numeral[:40]}",
        expected=f"at most {SOURCE_NUMBER_CHARS} characters, an exponent within reason",
    )


def _no_number(word: str) -> NoReturn:
    raise MalformedSource(f"{word} where a value should stand", expected="JSON, which has no such number")


def _too_deep() -> MalformedSource:
    return MalformedSource(
        "a source too deeply nested", expected=f"at most {SOURCE_DEPTH} arrays and objects inside one another"
    )


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_no_number
)
