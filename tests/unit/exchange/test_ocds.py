"""From a release to two drafts: every field, what stays open, and that no leaf is lost."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ledger.errors import Malformed, MalformedDraft, MalformedKey, MalformedSource
from ledger.events.fields import Place
from ledger.exchange.ocds import Given, draft_package, draft_release, read_package
from ledger.exchange.report import DraftedRelease, NoDraft
from ledger.limits import LINES_PER_STATEMENT, STATEMENT_BYTES
from ledger.statement.envelope import sign_statement
from ledger.statement.signer import Ed25519Signer
from ledger.units import Money, PartyId

Json = dict[str, Any]


def gaps(drafted: DraftedRelease, name: str) -> dict[str, str]:
    return {gap.field: gap.why for gap in drafted.to_complete if gap.draft == name}


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


def test_a_release_and_what_the_buyer_gives_make_two_drafts_with_nothing_open_but_ids(
    release: Json, buyer: PartyId, maker: PartyId
) -> None:
    data = json.dumps({"releases": [release]}).encode()
    package = read_package(data)
    given = Given(
        parties={"Hub S.A.": maker},
        law="CO",
        tolerance_percent=Decimal("2.50"),
        keep_apart=("ordering and receiving",),
        consignee=buyer,
        place=Place(country="CO", locality="Tuluá"),
    )
    drafted = draft_release(package, package.releases[0], given)
    assert drafted.drafts is not None
    uri = "ocds:ocds-x-1/contracts/60393/items/"
    assert drafted.drafts.framework == {
        "type": "framework.signed",
        "refs": {},
        "body": {
            "reference": "60393",
            "title": "Elementos",
            "prime": maker,
            "period": {"first": "2020-12-02", "last": "2020-12-30"},
            "lines": [
                {"line": "1", "item": uri + "1", "description": "Tapabocas", "unit": "H87"},
                {"line": "2b", "item": uri + "2b", "description": "Aseo", "unit": "MON"},
            ],
            "law": "CO",
            "tolerance_percent": "2.5",
            "released_by": "maker",
            "keep_apart": ["ordering and receiving"],
            "source": {
                "ocid": "ocds-x-1",
                "release": "r 1",
                "document": {
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "size": len(data),
                    "media_type": "application/json",
                },
            },
        },
    }
    assert drafted.drafts.calloff == {
        "type": "calloff.issued",
        "refs": {},
        "body": {
            "reference": "60393",
            "lines": [
                {"line": "1", "quantity": {"value": "300", "unit": "H87"}},
                {"line": "2b", "quantity": {"value": "12", "unit": "MON"}},
            ],
            "consignee": buyer,
            "place": {"country": "CO", "locality": "Tuluá"},
            "due": "2020-12-30",
        },
    }
    assert gaps(drafted, "framework") == {}
    assert set(gaps(drafted, "calloff")) == {"contract", "refs.framework"}


def test_what_nobody_says_is_left_out_and_listed(release: Json, draft: Any, complete_drafts: Any) -> None:
    contract = release["contracts"][0]
    del contract["id"], contract["title"], contract["period"], contract["items"][1]["description"]
    del release["tender"]
    drafted = draft(release)
    assert set(gaps(drafted, "framework")) == {
        "body.reference",
        "body.title",
        "body.prime",
        "body.period.first",
        "body.period.last",
        "body.lines[1].description",
        "body.law",
        "body.tolerance_percent",
    }
    assert set(gaps(drafted, "calloff")) == {
        "contract",
        "refs.framework",
        "body.reference",
        "body.consignee",
        "body.place",
        "body.due",
    }
    assert set(drafted.drafts.framework["body"]) == {"lines", "released_by", "source"}
    assert set(drafted.drafts.calloff["body"]) == {"lines"}
    assert drafted.drafts.framework["body"]["lines"][0]["item"] == "ocds:ocds-x-1/contracts/@1/items/1"
    assert len(list(complete_drafts(drafted))) == 2


def test_the_supplier_is_found_by_name_or_by_an_id_that_is_its_own(
    release: Json, draft: Any, maker: PartyId, buyer: PartyId
) -> None:
    def prime(given: dict[str, PartyId], *others: Json) -> PartyId | str:
        drafted = draft(release, *others, given=Given(parties=given))
        body = drafted.drafts.framework["body"]
        return body.get("prime") or gaps(drafted, "framework")["body.prime"]

    namesake = {"parties": [{"id": "s1", "name": "Another"}]}
    unknown = "no did:key given for the supplier 'Hub S.A.'"
    assert prime({"Hub S.A.": maker}) == maker
    assert prime({"s1": maker}) == maker
    assert prime({"s1": maker, "Hub S.A.": maker}) == maker
    assert prime({"s1": maker, "Hub S.A.": buyer}).startswith("two did:keys given, for 'Hub S.A.'")
    assert prime({"hub s.a.": maker, "": maker}) == unknown
    assert prime({"s1": maker}, namesake) == f"{unknown} by name; its id 's1' is used for others too"
    assert prime({"s1": buyer, "Hub S.A.": maker}, namesake) == maker
    release["awards"][0]["suppliers"] = [{"id": "", "name": "Hub S.A."}]
    assert prime({"": maker}, {"parties": [{"id": "", "name": "Another"}]}) == unknown
    release["awards"][0]["suppliers"] = [{"id": "", "name": ""}]
    assert prime({"": maker}) == "the release names no supplier for it"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-12-02", "2020-12-02"),
        ("2020-12-02T23:59:59.999-05:00", "2020-12-02"),
        ("2020-12-02T00:00:00Z", "2020-12-02"),
        ("2020-02-30", None),
        ("2020-12-02T25:00:00Z", None),
        ("2020-12-02 and so on", None),
        ("20201202", None),
        ("1969-12-31", None),
        ("02/12/2020", None),
        ("", None),
        (None, None),
        (20201202, None),
    ],
)
def test_days_are_taken_as_written_or_not_at_all(
    release: Json, draft: Any, complete_drafts: Any, text: object, day: str | None
) -> None:
    release["contracts"][0]["period"]["startDate"] = text
    drafted = draft(release)
    assert drafted.drafts.framework["body"]["period"].get("first") == day
    assert ("body.period.first" in gaps(drafted, "framework")) == (day is None)
    noted = [note.text for note in drafted.notes if note.path == "contracts[0].period.startDate"]
    assert bool(noted) == (day is not None and day != text)
    assert len(list(complete_drafts(drafted))) == 2


def test_a_period_that_ends_before_it_begins_is_left_open(
    release: Json, draft: Any, complete_drafts: Any
) -> None:
    release["contracts"][0]["period"] = {"startDate": "2021-01-02", "endDate": "2021-01-01"}
    drafted = draft(release)
    assert "ends on 2021-01-01, before" in gaps(drafted, "framework")["body.period"]
    assert "body.due" in gaps(drafted, "calloff")
    assert len(list(complete_drafts(drafted))) == 2


def test_without_quantities_there_is_a_contract_and_no_order(
    release: Json, draft: Any, complete_drafts: Any
) -> None:
    for item in release["contracts"][0]["items"]:
        del item["quantity"]
    drafted = draft(release)
    assert drafted.drafts.calloff is None
    assert gaps(drafted, "calloff") == {}
    assert [item.quantity for item in drafted.items] == [None, None]
    assert [item.outcome for item in drafted.items] == ["1", "2b"]
    assert len(list(complete_drafts(drafted))) == 1


def test_items_that_are_not_mapped_are_left_out_of_both_drafts_and_said(release: Json, draft: Any) -> None:
    release["contracts"][0]["items"][0]["unit"]["name"] = "Caja 10 ampollas"
    drafted = draft(release)
    assert [line["line"] for line in drafted.drafts.framework["body"]["lines"]] == ["2b"]
    assert [line["line"] for line in drafted.drafts.calloff["body"]["lines"]] == ["2b"]
    assert ("contracts[0]", "1 of 2 items are not mapped and in neither draft") in [
        (note.path, note.text) for note in drafted.notes
    ]


def test_what_else_the_release_says_is_noted(release: Json, draft: Any) -> None:
    release["tag"] = ["contract", "contractTermination"]
    release["tender"]["items"] = [{"id": 1, "description": "something else"}]
    release["contracts"][0]["value"] = {"amount": {"$numberLong": "15890000000"}, "currency": "COP"}
    drafted = draft(release)
    notes = {note.path: note.text for note in drafted.notes}
    assert notes == {
        "contracts[0].value.amount.$numberLong": "read as 15890000000",
        "tag[1]": "is contractTermination, while contracts[0].status is active: see whether it still runs",
        "awards[0].items": "the same items as those of contracts[0], which were taken",
        "tender.items": "other items than those of contracts[0], which were taken",
    }
    assert drafted.value == Money(Decimal(15890000000), "COP")


def test_every_leaf_is_counted_once_as_carried_or_not(release: Json, draft: Any, maker: PartyId) -> None:
    release["planning"] = {"empty": {}, "none": None, "list": [[], {"a": False}]}
    drafted = draft(release, given=Given(parties={"Hub S.A.": maker}))
    assert Counter(drafted.carried) == {
        "ocid": 1,
        "id": 1,
        "contracts[].id": 1,
        "contracts[].title": 1,
        "contracts[].period.startDate": 1,
        "contracts[].period.endDate": 1,
        "contracts[].items[].id": 2,
        "contracts[].items[].description": 2,
        "contracts[].items[].quantity": 2,
        "contracts[].items[].unit.name": 2,
        "awards[].suppliers[].name": 1,
    }
    assert Counter(drafted.carried) + Counter(drafted.not_carried) == Counter(every_leaf(release))
    assert drafted.not_carried["planning.list[]"] == 1


def test_of_a_unit_with_code_and_price_the_leaves_that_said_it_are_carried(release: Json, draft: Any) -> None:
    value = {"amount": {"$numberLong": "1400"}, "currency": "COP"}
    unit = {"id": "H87", "scheme": "UNCEFACT", "value": value}
    release["contracts"][0]["items"][0]["unit"] = unit | {"name": "Stück"}
    release["contracts"][0]["items"][1]["unit"] = unit | {"name": "Unidad", "uri": "x"}
    drafted = draft(release)
    here = "contracts[].items[].unit."
    assert {name: count for name, count in drafted.carried.items() if name.startswith(here)} == {
        f"{here}id": 2,
        f"{here}scheme": 2,
        f"{here}name": 1,
        f"{here}value.amount.$numberLong": 2,
        f"{here}value.currency": 2,
    }
    assert drafted.not_carried[f"{here}name"] == drafted.not_carried[f"{here}uri"] == 1


def test_a_release_without_draft_carries_nothing_and_says_why(release: Json, draft: Any) -> None:
    release["awards"][0]["status"] = "unsuccessful"
    drafted = draft(release)
    assert drafted.drafts is None
    assert drafted.to_complete == ()
    assert drafted.carried == {}
    assert Counter(drafted.not_carried) == Counter(every_leaf(release))
    assert drafted.as_json()["no_draft"] == {
        "reason": "cancelled, unsuccessful or ended",
        "found": "awards[0].status is unsuccessful",
    }
    assert [item.as_json()["reason"] for item in drafted.items] == ["its release gives no draft"] * 2
    assert drafted.title == "Elementos"


def test_a_contract_of_packages_alone_gives_no_draft(release: Json, draft: Any) -> None:
    for item in release["contracts"][0]["items"]:
        item["unit"]["name"] = "Caja"
    drafted = draft(release)
    assert drafted.undrafted.reason is NoDraft.NOTHING_MAPPED
    assert [item.unmapped.reason.value for item in drafted.items] == ["a package is not a quantity"] * 2


def test_a_contract_beyond_one_statement_gives_no_draft_and_one_that_fits_can_be_signed(
    release: Json, draft: Any, complete_drafts: Any
) -> None:
    def of(count: int, text: str) -> DraftedRelease:
        release["contracts"][0]["items"] = [
            {"id": at, "description": text, "quantity": 1, "unit": {"name": "Unidad"}} for at in range(count)
        ]
        drafted: DraftedRelease = draft(release)
        return drafted

    fitting = 0
    for count in range(20, 80):
        drafted = of(count, "y" * 150)
        if drafted.drafts is None:
            assert drafted.undrafted is not None
            assert drafted.undrafted.reason is NoDraft.TOO_LARGE
            assert {item.unmapped.reason.value for item in drafted.items if item.unmapped} == {
                "its release gives no draft"
            }
            break
        fitting = count
        key = Ed25519Signer.from_seed(bytes([1]) * 32)
        for payload in complete_drafts(drafted):
            signed = sign_statement(key, iss=key.public.did, sub="c" * 64, iat=2**31, payload=payload)
            assert len(signed) <= STATEMENT_BYTES
    assert 40 < fitting < 79
    many = of(LINES_PER_STATEMENT + 1, "y")
    assert many.to_complete == ()
    assert many.undrafted is not None
    assert (
        many.undrafted.found
        == f"{LINES_PER_STATEMENT + 1} lines, and a statement holds {LINES_PER_STATEMENT}"
    )


def test_totals_add_up_and_the_report_is_json(release: Json) -> None:
    packages = json.loads(json.dumps(release))
    packages["contracts"][0]["items"][0]["unit"]["name"] = "Caja"
    ended = release | {"tender": {"status": "cancelled"}}
    data = json.dumps({"releases": [release, packages, ended, {}]}).encode()
    report = draft_package(read_package(data), Given())
    assert report.totals.as_json() == {
        "releases": 4,
        "drafted": 2,
        "undrafted": {"cancelled, unsuccessful or ended": 1, "the release does not name itself": 1},
        "items": 6,
        "mapped": 3,
        "not_mapped": {"its release gives no draft": 2, "a package is not a quantity": 1},
        "leaves_carried": 14 + 10,
        "leaves_not_carried": sum(len(list(every_leaf(each))) for each in (release, packages, ended))
        + 1
        - 24,
    }
    rendered = report.as_json()
    assert json.loads(json.dumps(rendered)) == rendered
    assert rendered["document"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert rendered["releases"][1]["items"] == [
        {
            "path": "contracts[0].items[0]",
            "description": "Tapabocas",
            "published_unit": "Caja",
            "outcome": "not mapped",
            "reason": "a package is not a quantity",
            "found": "'Caja' is a package: count what is in it",
        },
        {
            "path": "contracts[0].items[1]",
            "description": "Aseo",
            "published_unit": "Mes",
            "outcome": "mapped",
            "line": "2b",
            "unit": "MON",
            "quantity": "12",
        },
    ]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"{}", "a document without releases"),
        (b'{"releases": {}}', "a document without releases"),
        (b'{"records": []}', "a record package"),
        (b'{"releases": [{}, "x"]}', r"releases\[1\] is not an object"),
        (b"no", "not JSON"),
    ],
)
def test_what_is_no_release_package_is_refused(data: bytes, found: str) -> None:
    with pytest.raises(MalformedSource, match=found):
        read_package(data)


def test_what_the_buyer_gives_is_checked_at_once(maker: PartyId) -> None:
    for wrong, error in (
        ({"parties": {"Hub": "did:key:zNot"}}, MalformedKey),
        ({"consignee": maker + "x"}, MalformedKey),
        ({"law": "XX"}, MalformedDraft),
        ({"tolerance_percent": Decimal("100.1")}, MalformedDraft),
        ({"tolerance_percent": Decimal(-1)}, MalformedDraft),
        ({"tolerance_percent": Decimal("NaN")}, MalformedDraft),
        ({"tolerance_percent": Decimal("0.1234567")}, Malformed),
    ):
        with pytest.raises(error):
            Given(**wrong)  # type: ignore[arg-type]
