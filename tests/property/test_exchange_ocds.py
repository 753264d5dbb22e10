"""Whatever document comes in, the import answers with a report that adds up, or with a declared error."""

import copy
import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Malformed, MalformedSource
from ledger.exchange.ocds import Given, draft_package, read_package
from ledger.exchange.report import Report
from ledger.exchange.source import Node, leaves, path_pattern, read_decimal, read_source
from ledger.statement.payload import encode_payload
from ledger.units import format_decimal

quick = settings(deadline=None, max_examples=200)

ITEM = {
    "id": 1,
    "description": "mask",
    "quantity": 300,
    "unit": {
        "name": "Unidad",
        "id": "H87",
        "scheme": "UNCEFACT",
        "value": {"amount": 12.5, "currency": "COP"},
    },
}
RELEASE: dict[str, Any] = {
    "ocid": "ocds-x-1",
    "id": "1",
    "tag": ["contract"],
    "parties": [{"id": "s", "name": "Hub"}],
    "tender": {"title": "T", "status": "complete", "items": [ITEM]},
    "awards": [
        {
            "id": "a",
            "suppliers": [{"id": "s", "name": "Hub"}],
            "contractPeriod": {"startDate": "2020-01-01"},
            "items": [ITEM],
        }
    ],
    "contracts": [
        {
            "id": "c",
            "awardID": "a",
            "status": "active",
            "value": {"amount": {"$numberLong": "9"}, "currency": "COP"},
            "period": {"startDate": "2020-01-01T00:00:00Z", "endDate": "2021-01-01"},
            "items": [ITEM, ITEM | {"id": "2"}],
        }
    ],
}
VALUES = [
    *(
        "",
        " ",
        "1",
        "a",
        "Hub",
        "Caja",
        "kg",
        "KGM",
        "UNCEFACT",
        "COP",
        "cancelled",
        "2020-02-30",
        "2019-01-01",
    ),
    *("x" * 300, "\u202e\x1b[2J", "item-1", "@1", "%", "\U0001f4e6" * 201, "A\n", "0001-01-01T00:00:00Z"),
    *(0, -1, 1, 10**15, 2**63, 0.5, 1e300, 1e-300, True, False, None, [], {}, [[]], {"a": 1}),
    *(
        {"$numberLong": "7"},
        {"$numberLong": 7},
        {"$numberDecimal": "-0"},
        {"id": 1},
        [{"id": "s"}] * 2,
        ["x"],
    ),
]

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(texts | st.sampled_from(sorted({*RELEASE, *ITEM, "releases"})), below, max_size=4)
    ),
    max_leaves=20,
)


def check(report: Report, releases: list[Any]) -> None:
    """What holds of every report, whatever was published."""
    totals = report.totals
    assert totals.releases == totals.drafted + sum(totals.undrafted.values()) == len(releases)
    assert totals.items == totals.mapped + sum(totals.not_mapped.values())
    for release, drafted in zip(releases, report.releases, strict=True):
        counted = Counter(path_pattern(path) for path in leaves(Node((), release)))
        assert Counter(drafted.carried) + Counter(drafted.not_carried) == counted
        for draft in [drafted.drafts.framework, drafted.drafts.calloff] if drafted.drafts else []:
            if draft is not None:
                encode_payload(draft)
    json.dumps(report.as_json(), ensure_ascii=False).encode()


@quick
@given(st.binary(max_size=200) | documents.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_package_or_a_malformed_source(data: bytes) -> None:
    try:
        package = read_package(data)
    except MalformedSource:
        return
    check(draft_package(package, Given()), json.loads(data)["releases"])


@quick
@given(st.lists(st.dictionaries(st.sampled_from(sorted(RELEASE)), documents, max_size=5), max_size=3))
def test_any_releases_make_a_report_that_adds_up(releases: list[Any]) -> None:
    check(draft_package(read_package(json.dumps({"releases": releases}).encode()), Given()), releases)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and step at which something stands."""
    steps = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, step) for step in steps] + [place for step in steps for place in places(value[step])]


@settings(deadline=None, max_examples=600)
@given(st.data())
def test_a_release_changed_anywhere_still_makes_a_report_that_adds_up(data: st.DataObject) -> None:
    release = copy.deepcopy(RELEASE)
    for _ in range(data.draw(st.integers(1, 3))):
        container, step = data.draw(st.sampled_from(places(release)))
        if data.draw(st.booleans()):
            container[step] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
        else:
            del container[step]
        if not release:
            break
    check(draft_package(read_package(json.dumps({"releases": [release]}).encode()), Given()), [release])


@quick
@given(st.from_regex(r"(0|[1-9][0-9]{0,16})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?", fullmatch=True))
def test_a_quantity_is_the_published_number_exactly_or_none(numeral: str) -> None:
    node = Node((), read_source(f'{{"q": {numeral}}}'.encode()))["q"]
    mantissa, _, exponent = numeral.lower().partition("e")
    published = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
    try:
        number, _ = read_decimal(node)
    except Malformed:
        assert published >= 10**15 or (published * 10**6).denominator != 1 or published == 0
        return
    assert Fraction(Decimal(format_decimal(number))) == published
