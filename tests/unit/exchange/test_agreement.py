"""Which releases give a draft, and the reason the others give none."""

from typing import Any

import pytest

from ledger.exchange.agreement import Agreement, all_items, choose_agreement
from ledger.exchange.report import NoDraft, Undrafted
from ledger.exchange.source import Node

Json = dict[str, Any]


def chosen(release: Json) -> Agreement:
    agreement = choose_agreement(Node((), release))
    assert isinstance(agreement, Agreement)
    return agreement


def refused(release: Json) -> tuple[NoDraft, str]:
    none = choose_agreement(Node((), release))
    assert isinstance(none, Undrafted)
    return none.reason, none.found


def test_the_contract_and_the_award_it_names_are_chosen(release: Json) -> None:
    release["awards"] = [{"id": "other", "status": "cancelled"}, *release["awards"]]
    agreement = chosen(release)
    assert str(agreement.terms) == "contracts[0]"
    assert str(agreement.award) == "awards[1]"
    assert str(agreement.supplier) == "awards[1].suppliers[0]"
    assert agreement.uri == "ocds:ocds-x-1/contracts/60393"
    assert [str(item) for item in agreement.items] == ["contracts[0].items[0]", "contracts[0].items[1]"]


def test_an_award_without_contract_stands_for_itself(release: Json) -> None:
    del release["contracts"]
    release["awards"][0] |= {"contractPeriod": {"startDate": "2020-01-01"}, "id": "a b"}
    agreement = chosen(release)
    assert agreement.terms == agreement.award
    assert agreement.uri == "ocds:ocds-x-1/awards/a%20b"
    assert str(agreement.period) == "awards[0].contractPeriod"


def test_items_and_period_come_from_the_award_where_the_contract_has_none(release: Json) -> None:
    del release["contracts"][0]["items"], release["contracts"][0]["period"]
    release["awards"][0]["contractPeriod"] = {"endDate": "2020-01-01"}
    agreement = chosen(release)
    assert [str(item) for item in agreement.items] == ["awards[0].items[0]", "awards[0].items[1]"]
    assert str(agreement.period) == "awards[0].contractPeriod"


@pytest.mark.parametrize("award_id", [None, "b", {}, True])
def test_a_contract_that_names_no_one_award_has_no_supplier(release: Json, award_id: object) -> None:
    release["contracts"][0]["awardID"] = award_id
    assert chosen(release).supplier.value is None


def test_a_contract_whose_award_stands_twice_has_no_supplier(release: Json) -> None:
    release["awards"] *= 2
    assert chosen(release).supplier.value is None


def test_an_award_is_never_matched_by_an_empty_id(release: Json) -> None:
    release["awards"][0]["id"] = release["contracts"][0]["awardID"] = ""
    assert chosen(release).supplier.value is None


@pytest.mark.parametrize("status", ["cancelled", "unsuccessful", "withdrawn", "terminated"])
@pytest.mark.parametrize("stage", ["contracts", "awards", "tender"])
def test_an_end_at_any_stage_gives_no_draft(release: Json, stage: str, status: str) -> None:
    node = release[stage] if stage == "tender" else release[stage][0]
    node["status"] = status
    place = stage if stage == "tender" else f"{stage}[0]"
    assert refused(release) == (NoDraft.ENDED, f"{place}.status is {status}")


@pytest.mark.parametrize("name", ["ocid", "id"])
@pytest.mark.parametrize("text", [None, "", " ", "x\u202e", "x" * 201, " x", True, ["x"]])
def test_a_release_that_does_not_name_itself_gives_no_draft(release: Json, name: str, text: object) -> None:
    release[name] = text
    assert refused(release) == (NoDraft.UNNAMED, f"no usable {name}: a draft could not name its source")


def test_the_other_reasons_for_no_draft(release: Json) -> None:
    names = {"ocid": "o", "id": "1"}
    tender = {"tender": release["tender"]}
    contract, award = release["contracts"][0], release["awards"][0]
    many = award | {"suppliers": [{"name": "A"}, {"name": "B"}]}
    bare = {"id": "a", "items": []}
    assert refused(names | tender) == (NoDraft.NOT_AWARDED, "a tender only")
    assert refused(names) == (NoDraft.NOT_AWARDED, "neither contract, award nor tender")
    assert refused(names | {"contracts": {}, "awards": "x"})[0] is NoDraft.NOT_AWARDED
    assert refused(names | {"contracts": [contract] * 2})[0] is NoDraft.SEVERAL_CONTRACTS
    assert refused(names | {"awards": [award] * 2})[0] is NoDraft.SEVERAL_CONTRACTS
    assert refused(release | {"awards": [many]})[0] is NoDraft.SEVERAL_SUPPLIERS
    assert refused(names | {"awards": [many]})[0] is NoDraft.SEVERAL_SUPPLIERS
    assert refused(names | {"contracts": [bare]})[0] is NoDraft.NO_ITEMS
    assert refused(names | {"contracts": ["x"]})[0] is NoDraft.NO_ITEMS


def test_items_of_a_release_without_draft_are_those_of_its_furthest_stage(release: Json) -> None:
    release["tender"]["items"] = [{"id": "of the tender"}]
    assert len(all_items(Node((), release | {"contracts": release["contracts"] * 2}))) == 4
    assert str(all_items(Node((), release | {"contracts": []}))[0]) == "awards[0].items[0]"
    assert [str(item) for item in all_items(Node((), {"tender": release["tender"]}))] == ["tender.items[0]"]
    assert all_items(Node((), {})) == ()
