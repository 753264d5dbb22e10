"""The import against what governments really published, and the figures its documentation gives."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.exchange.ocds import Given, Package, draft_package, read_package
from ledger.exchange.report import NoDraft, Report
from ledger.exchange.units import NAMES, Reason
from ledger.units import Money

PAGE = Path(__file__).parents[3] / "docs" / "import-ocds.md"


@pytest.fixture
def colombia(shared: Path) -> bytes:
    return (shared / "colombia-2021-03-03.json").read_bytes()


@pytest.fixture
def package(colombia: bytes) -> Package:
    return read_package(colombia)


@pytest.fixture
def report(package: Package) -> Report:
    return draft_package(package, Given())


def rows(heading: str) -> Iterator[tuple[str, str]]:
    """The first two cells of each row of the table under a heading of the page, without its head."""
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    yield from ((cells[0].strip().strip("`"), cells[1].strip()) for cells in table[2:])


def every_leaf(value: Any, pattern: str = "") -> Iterator[str]:
    """Patterns of all leaves, found without the code under test."""
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from every_leaf(member, f"{pattern}.{name}" if pattern else name)
    elif isinstance(value, list) and value:
        for element in value:
            yield from every_leaf(element, f"{pattern}[]")
    else:
        yield pattern


def test_the_page_gives_the_real_totals(report: Report) -> None:
    totals = report.totals
    assert dict(rows("What to expect of real data")) == {
        "releases": str(totals.releases),
        "drafted": str(totals.drafted),
        **{f"not drafted: {reason}": str(count) for reason, count in totals.undrafted.items()},
        "items": str(totals.items),
        "mapped": str(totals.mapped),
        **{f"not mapped: {reason}": str(count) for reason, count in totals.not_mapped.items()},
        "values carried": str(totals.leaves_carried),
        "values not carried": str(totals.leaves_not_carried),
    }


def test_the_page_lists_every_unit_name_and_every_reason() -> None:
    assert {name: code for code, names in rows("Units") for name in names.split(", ")} == NAMES
    assert [reason for reason, _ in rows("Why an item is not mapped")] == [reason.value for reason in Reason]
    assert [reason for reason, _ in rows("Why a release gives no draft")] == [each.value for each in NoDraft]


def test_the_page_s_example_runs(colombia: bytes) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"published_bytes": colombia}
    exec(code, names)  # noqa: S102  # our own page
    assert names["report"].totals.drafted == 91


def test_no_leaf_of_any_published_release_is_lost(shared: Path) -> None:
    files = sorted(shared.rglob("*.json"))
    assert len(files) >= 8
    for file in files:
        published = json.loads(file.read_bytes())["releases"]
        report = draft_package(read_package(file.read_bytes()), Given())
        assert len(report.releases) == len(published)
        for release, drafted in zip(published, report.releases, strict=True):
            assert Counter(drafted.carried) + Counter(drafted.not_carried) == Counter(every_leaf(release))
            assert drafted.ocid == release["ocid"]


def test_every_line_of_every_draft_stands_in_the_published_contract_digit_by_digit(
    colombia: bytes, report: Report
) -> None:
    lines = 0
    for release, drafted in zip(json.loads(colombia)["releases"], report.releases, strict=True):
        if drafted.drafts is None:
            continue
        (contract,) = release["contracts"]
        items = {str(item["id"]): item for item in contract["items"]}
        body = drafted.drafts.framework["body"]
        assert body["period"] == {
            "first": contract["period"]["startDate"][:10],
            "last": contract["period"]["endDate"][:10],
        }
        assert drafted.drafts.calloff is not None
        ordered = drafted.drafts.calloff["body"]["lines"]
        for line, order in zip(body["lines"], ordered, strict=True):
            item = items[line["line"]]
            assert order == {
                "line": line["line"],
                "quantity": {"value": str(item["quantity"]), "unit": line["unit"]},
            }
            assert line["description"] == item["description"].replace("\n", " ").strip()
            lines += 1
    assert lines == report.totals.mapped


def test_every_draft_of_a_published_release_completes_to_a_valid_event(
    report: Report, complete_drafts: Any
) -> None:
    types = Counter(
        payload["type"]
        for drafted in report.releases
        if drafted.drafts
        for payload in complete_drafts(drafted)
    )
    assert types == {"framework.signed": 91, "calloff.issued": 91}


def test_all_suppliers_are_found_by_name_and_none_by_the_id_they_share(
    colombia: bytes, package: Package, maker: Any
) -> None:
    names = {
        supplier["name"]
        for release in json.loads(colombia)["releases"]
        for award in release["awards"]
        for supplier in award["suppliers"]
    }

    def primes(given: Given) -> int:
        bodies = [
            each.drafts.framework["body"] for each in draft_package(package, given).releases if each.drafts
        ]
        return sum("prime" in body for body in bodies)

    assert "1" in package.shared_ids
    assert primes(Given(parties={"1": maker})) == 0
    assert primes(Given(parties=dict.fromkeys(names, maker))) == 91


def test_cancelled_contracts_give_no_draft_whatever_they_hold(report: Report) -> None:
    ended = [
        drafted
        for drafted in report.releases
        if drafted.undrafted and drafted.undrafted.reason is NoDraft.ENDED
    ]
    assert [drafted.release for drafted in ended] == ["58123", "58193", "58349", "58378"]
    values = {drafted.release: drafted.value for drafted in report.releases}
    assert values["58193"] == Money(Decimal(15890000000), "COP")
    assert values["58198"] == Money(Decimal(24978479879), "COP")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("closed_single_award", NoDraft.NOTHING_MAPPED),
        ("closed_single_first_stage", NoDraft.NOT_AWARDED),
        ("closed_single_supplier", NoDraft.NO_ITEMS),
        ("open_multiple_award", NoDraft.NOTHING_MAPPED),
        ("open_multiple_first_stage", NoDraft.NOT_AWARDED),
        ("open_multiple_second_stage", NoDraft.NOT_AWARDED),
        ("open_multiple_supplier", NoDraft.SEVERAL_SUPPLIERS),
    ],
)
def test_framework_stages_give_no_draft_for_their_own_reason(
    shared: Path, file: str, reason: NoDraft
) -> None:
    package = read_package((shared / "frameworks" / f"{file}.json").read_bytes())
    (drafted,) = draft_package(package, Given()).releases
    assert drafted.undrafted is not None
    assert drafted.undrafted.reason is reason
