"""One published item to one line of a contract: its name, its URI, its unit, its price, its quantity.

    { "id": 7, "description": "Tapabocas\\t", "quantity": 300, "unit": { "name": "Unidad",
      "value": { "amount": 1400, "currency": "COP" } } }

becomes, in the contract `60393` of the process `ocds-k50g02-60393`,

    line 7    item ocds:ocds-k50g02-60393/contracts/60393/items/7    "Tapabocas"    H87    COP 1400    300 H87

* The line is named by the item's id where that is a line name, stands once in the contract and does not look
  like `item-3`; else by its position, `item-3` for the third. The rules of the log know a line by this name.
* The URI names the item in its published process. Ids are percent-encoded; `@3` stands for the third where
  there is no id that stands once, which no encoded id begins with.
* Line ends, control characters and bidirectional overrides in text become spaces. Text is cut at the limit,
  ending in `…`.
* A quantity that is missing, 0, too precise, or a fraction of a counted unit leaves the item a line of the
  contract that no order is drafted for. A price that cannot be read exactly is left out. Both are noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from ledger.errors import Malformed
from ledger.events.codes import CURRENCIES
from ledger.exchange.report import ItemReport, Worksheet, tidy_text
from ledger.exchange.source import Node, read_decimal
from ledger.exchange.units import Reason, Unmapped, map_unit
from ledger.limits import SHORT_TEXT_CHARS
from ledger.units import Money, Quantity, format_decimal, parse_quantity

_LINE_NAME: Final = re.compile(r"(?!item-[0-9]+\Z)[A-Za-z0-9._-]{1,20}", re.ASCII)
_URI_CHARS: Final = SHORT_TEXT_CHARS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contract, and how much of it the source orders."""

    name: str
    item: str
    description: str
    """"" where the source gives none: for a person to fill in."""
    unit: str
    price: Money | None
    quantity: Quantity | None

    def framework_line(self) -> dict[str, Any]:
        """As it stands in `framework.signed`. There is no ceiling: OCDS has no field that states one."""
        line: dict[str, Any] = {"line": self.name, "item": self.item}
        if self.description:
            line["description"] = self.description
        line["unit"] = self.unit
        if self.price is not None:
            line["price"] = {"amount": format_decimal(self.price.amount), "currency": self.price.currency}
        return line

    def calloff_line(self) -> dict[str, Any]:
        """As it stands in `calloff.issued`."""
        assert self.quantity is not None, "an order of nothing"
        quantity = {"value": format_decimal(self.quantity.value), "unit": self.quantity.unit}
        return {"line": self.name, "quantity": quantity}


def draft_items(
    items: tuple[Node, ...], uri: str, work: Worksheet
) -> tuple[tuple[ItemReport, ...], tuple[Line, ...]]:
    """Every item's report, and the lines of those that are mapped, both in the order published.

    `uri` is the contract's, which the items' own are made from.
    """
    ids = Counter(item.id for item in items)
    reports: list[ItemReport] = []
    lines: list[Line] = []
    for position, item in enumerate(items, start=1):
        line = _draft_item(item, position, ids, uri, work)
        if isinstance(line, Line):
            if not line.description:
                field = f"body.lines[{len(lines)}].description"
                work.leave_open("framework", field, f"{item} has no description")
            lines.append(line)
        reports.append(_report(item, line))
    return tuple(reports), tuple(lines)


def left_out(items: tuple[Node, ...], why: str) -> tuple[ItemReport, ...]:
    """The report of items whose release gives no draft."""
    return tuple(_report(item, Unmapped(Reason.NO_DRAFT, why)) for item in items)


def take_text(node: Node, work: Worksheet) -> str:
    """The text at a node, tidied, with a note of what was done to it; "" where there is none."""
    text = tidy_text(node.text)
    if text:
        work.carry(node)
    if len(node.text) > SHORT_TEXT_CHARS and text.endswith("…"):
        work.note(node, f"cut from {len(node.text)} to {len(text)} characters")
    elif text != node.text:
        work.note(node, "line ends, unseen characters or outer white space taken out")
    return text


def take_number(node: Node, work: Worksheet) -> tuple[Decimal, Node]:
    """As `read_decimal`, with a note where the number was wrapped by a database's export."""
    number, leaf = read_decimal(node)
    if leaf is not node:
        work.note(leaf, f"read as {format_decimal(number)}")
    return number, leaf


def take_money(node: Node, work: Worksheet) -> tuple[Money, tuple[Node, Node]]:
    """An OCDS Value, and the leaves of its amount and its currency. Raises `Malformed`."""
    currency = node["currency"]
    if currency.text not in CURRENCIES:
        raise Malformed(f"{currency.text[:20]!r} is not a currency", expected="an ISO 4217 code, as COP")
    amount, leaf = take_number(node["amount"], work)
    return Money(amount, currency.text), (leaf, currency)


def _draft_item(
    item: Node, position: int, ids: Mapping[str, int], uri: str, work: Worksheet
) -> Line | Unmapped:
    if not isinstance(item.value, dict):
        return Unmapped(Reason.NOT_AN_ITEM, "found no object")
    unit = item["unit"]
    code = map_unit(unit["name"].text, unit.id, unit["scheme"].text)
    if isinstance(code, Unmapped):
        return code
    unique = bool(item.id) and ids[item.id] == 1
    item_uri = f"{uri}/items/{quote(item.id, safe='') if unique else f'@{position}'}"
    if len(item_uri) > _URI_CHARS:
        return Unmapped(Reason.NO_URI, f"its URI would have {len(item_uri)} characters, {_URI_CHARS} at most")
    _carry_unit(unit, code, work)
    if unique:
        work.carry(item["id"])
    return Line(
        name=_name(item, position, unique, work),
        item=item_uri,
        description=take_text(item["description"], work),
        unit=code,
        price=_price(unit["value"], work),
        quantity=_quantity(item["quantity"], code, work),
    )


def _name(item: Node, position: int, unique: bool, work: Worksheet) -> str:
    if unique and _LINE_NAME.fullmatch(item.id):
        return item.id
    name = f"item-{position}"
    why = "is missing" if not item.id else "stands more than once" if not unique else "is not a line's name"
    work.note(item["id"], f"{why}: the line is named {name}")
    return name


def _carry_unit(unit: Node, code: str, work: Worksheet) -> None:
    """Of name and code, whichever says the unit; both where both do."""
    if map_unit(unit["name"].text, "", "") == code:
        work.carry(unit["name"])
    if map_unit("", unit.id, unit["scheme"].text) == code:
        work.carry(unit["id"], unit["scheme"])


def _price(value: Node, work: Worksheet) -> Money | None:
    if value.value is None:
        return None
    try:
        price, made_from = take_money(value, work)
    except Malformed as error:
        work.note(value, f"no price taken: {error}")
        return None
    work.carry(*made_from)
    return price


def _quantity(node: Node, unit: str, work: Worksheet) -> Quantity | None:
    try:
        number, leaf = take_number(node, work)
        quantity = parse_quantity(format_decimal(number), unit)
        if quantity.value <= 0:
            raise Malformed(f"the quantity is {quantity}", expected="more than 0")
    except Malformed as error:
        work.note(node, f"a line of the contract, but of no order: {error}")
        return None
    work.carry(leaf)
    return quantity


def _report(item: Node, line: Line | Unmapped) -> ItemReport:
    unit = item["unit"]
    head = str(item), tidy_text(item["description"].text), tidy_text(unit["name"].text or unit.id)
    if isinstance(line, Unmapped):
        return ItemReport(*head, outcome=line)
    return ItemReport(*head, outcome=line.name, unit=line.unit, quantity=line.quantity)
