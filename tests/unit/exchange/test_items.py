"""One published item to one line: name, URI, text, price, quantity."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from ledger.events.fields import LineName, ShortText, Uri
from ledger.exchange.items import Line, draft_items
from ledger.exchange.report import Drafts, ItemReport, Worksheet, tidy_text
from ledger.exchange.source import Node
from ledger.exchange.units import Reason
from ledger.units import Money, Quantity

URI = "ocds:ocds-x-1/contracts/60393"


def item(**members: Any) -> dict[str, Any]:
    return {"id": "1", "description": "mask", "quantity": Decimal(3), "unit": {"name": "Unidad"}} | members


def drafted(*items: object) -> tuple[tuple[ItemReport, ...], tuple[Line, ...], dict[str, str]]:
    """Reports, lines, and the notes by path."""
    release = Node((), {"items": list(items)})
    work = Worksheet(release)
    reports, lines = draft_items(release["items"].each, URI, work)
    drafts = Drafts({}, None)
    return reports, lines, {note.path: note.text for note in work.drafted("", None, reports, drafts).notes}


def reasons(reports: tuple[ItemReport, ...]) -> list[Reason | None]:
    return [report.unmapped.reason if report.unmapped else None for report in reports]


def test_an_item_becomes_a_line_with_everything_it_says() -> None:
    value = {"amount": Decimal("1400.50"), "currency": "COP"}
    _, (line,), notes = drafted(item(id=Decimal(7), unit={"name": "Mes", "value": value}))
    assert line == Line(
        "7", f"{URI}/items/7", "mask", "MON", Money(Decimal("1400.50"), "COP"), Quantity(Decimal(3), "MON")
    )
    assert line.framework_line() == {
        "line": "7",
        "item": f"{URI}/items/7",
        "description": "mask",
        "unit": "MON",
        "price": {"amount": "1400.5", "currency": "COP"},
    }
    assert line.calloff_line() == {"line": "7", "quantity": {"value": "3", "unit": "MON"}}
    assert notes == {}


@pytest.mark.parametrize(
    ("ids", "names", "ends"),
    [
        (["a", "b"], ["a", "b"], ["a", "b"]),
        (["a", "a", "b"], ["item-1", "item-2", "b"], ["@1", "@2", "b"]),
        ([Decimal(1), "1"], ["item-1", "item-2"], ["@1", "@2"]),
        ([None, "", " ", True], ["item-1", "item-2", "item-3", "item-4"], ["@1", "@2", "@3", "@4"]),
        (["item-2", None], ["item-1", "item-2"], ["item-2", "@2"]),
        (["x" * 20, "x" * 21], ["x" * 20, "item-2"], ["x" * 20, "x" * 21]),
        (["á/b", "@1", "%40"], ["item-1", "item-2", "item-3"], ["%C3%A1%2Fb", "%401", "%2540"]),
    ],
)
def test_names_and_uris_are_unique_and_of_the_id_where_it_serves(
    ids: list[object], names: list[str], ends: list[str]
) -> None:
    _, lines, notes = drafted(*[item(id=each) for each in ids])
    assert [line.name for line in lines] == names
    assert [line.item for line in lines] == [f"{URI}/items/{end}" for end in ends]
    assert len(notes) == sum(name.startswith("item-") for name in names)
    for line in lines:
        TypeAdapter(LineName).validate_python(line.name)
        TypeAdapter(Uri).validate_python(line.item)


def test_an_item_whose_uri_would_not_fit_is_not_mapped() -> None:
    room = 200 - len(f"{URI}/items/")
    reports, lines, _ = drafted(item(id="x" * room), item(id="x" * (room + 1)), item(id="á" * 40))
    assert reasons(reports) == [None, Reason.NO_URI, Reason.NO_URI]
    assert len(lines[0].item) == 200


def test_what_is_no_object_or_has_no_unit_is_not_mapped() -> None:
    reports, lines, _ = drafted(
        "an item", None, item(unit=None), item(unit="Unidad"), item(unit={"name": ""})
    )
    assert reasons(reports) == [Reason.NOT_AN_ITEM] * 2 + [Reason.NO_UNIT] * 3
    assert lines == ()


@pytest.mark.parametrize(
    "quantity",
    [None, Decimal(0), Decimal(-1), Decimal("1.5"), "3", Decimal("1e15"), {"$numberDecimal": "NaN"}, []],
)
def test_a_quantity_nobody_can_order_leaves_a_line_without_order(quantity: object) -> None:
    reports, (line,), notes = drafted(item(quantity=quantity))
    assert line.quantity is None
    assert reports[0].outcome == "1"
    assert "of no order" in notes["items[0].quantity"]


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [
        (Decimal("12.500"), "kg", "12.5"),
        (Decimal("0.000001"), "kg", "0.000001"),
        (Decimal("1E+3"), "Unidad", "1000"),
        (Decimal("3.0"), "Unidad", "3"),
        ({"$numberLong": "128867560"}, "Unidad", "128867560"),
    ],
)
def test_quantities_are_exact(quantity: object, unit: str, text: str) -> None:
    _, (line,), notes = drafted(item(quantity=quantity, unit={"name": unit}))
    assert line.calloff_line()["quantity"]["value"] == text
    assert notes == (
        {"items[0].quantity.$numberLong": f"read as {text}"} if isinstance(quantity, dict) else {}
    )


@pytest.mark.parametrize(
    "value",
    [
        {"amount": Decimal(-1), "currency": "COP"},
        {"amount": Decimal("0.1234567"), "currency": "COP"},
        {"amount": "1400", "currency": "COP"},
        {"amount": Decimal(1), "currency": "cop"},
        {"amount": Decimal(1)},
        {"currency": "COP"},
        Decimal(1),
    ],
)
def test_a_price_that_cannot_be_read_exactly_is_left_out_with_a_note(value: object) -> None:
    _, (line,), notes = drafted(item(unit={"name": "Unidad", "value": value}))
    assert line.price is None
    assert "price" not in line.framework_line()
    assert notes["items[0].unit.value"].startswith("no price taken: ")


def test_text_is_cut_at_the_limit_and_cleaned_with_a_note() -> None:
    _, lines, notes = drafted(
        item(id="1", description="x" * 200),
        item(id="2", description="x" * 201),
        item(id="3", description="FTR\t"),
        item(id="4", description="48\nUNIDADES"),
    )
    assert [line.description for line in lines] == ["x" * 200, "x" * 199 + "…", "FTR", "48 UNIDADES"]
    assert notes == {
        "items[1].description": "cut from 201 to 200 characters",
        "items[2].description": "line ends, unseen characters or outer white space taken out",
        "items[3].description": "line ends, unseen characters or outer white space taken out",
    }


def test_tidy_text_is_text_an_event_takes_whatever_the_character() -> None:
    check = TypeAdapter(ShortText).validate_python
    for code in (*range(0xD800), *range(0xE000, 0x11000)):
        text = tidy_text(f"a{chr(code)}b")
        assert check(text) == text
        assert len(text) == 3


def test_a_description_that_is_missing_or_blank_is_left_open_at_its_line() -> None:
    release = Node((), {"items": [item(unit=None), item(), item(id="2", description="\x00 ")]})
    work = Worksheet(release)
    _, lines = draft_items(release["items"].each, URI, work)
    assert "description" not in lines[1].framework_line()
    gaps = work.drafted("", None, (), Drafts({}, None)).to_complete
    assert [gap.field for gap in gaps] == ["body.lines[1].description"]
