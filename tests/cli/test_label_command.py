"""`tally label`: what is printed is what was asked for, and its codes lead where they should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.commands import Tally
from tests.support.pictures import codes_in
from tests.support.spine import Spine, make_log

URL = "https://log.example.org"


@pytest.fixture(scope="module")
def spine() -> Spine:
    return Spine()


@pytest.fixture(scope="module")
def log(spine: Spine, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_log(tmp_path_factory.mktemp("labels") / "log", spine.statements, spine.agency.party))


@pytest.fixture
def tally() -> Tally:
    return Tally()


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_each_code_leads_to_its_lot(tally: Tally, spine: Spine, log: str, tmp_path: Path) -> None:
    lots = [spine.id(f"lot {name}") for name in ("A1", "B1", "B2")]
    file = tmp_path / "labels.svg"
    told = tally("label", *lots, "--url", f"{URL}/", "-o", str(file), "--log", log)
    links = [f"{URL}/l/{lot}" for lot in lots]
    assert [one["link"] for one in told["labels"]] == links
    assert codes_in(file.read_text()) == links


def test_a_gtin_makes_a_digital_link(tally: Tally, spine: Spine, log: str, tmp_path: Path) -> None:
    file = tmp_path / "labels.svg"
    tally("label", spine.id("lot A1"), "--gtin", "9506000134352", "-o", str(file), "--log", log)
    assert codes_in(file.read_text()) == ["https://id.gs1.org/01/09506000134352/10/A1"]


def test_a_label_says_the_lot_its_quantity_and_what_it_is(
    tally: Tally, spine: Spine, log: str, tmp_path: Path
) -> None:
    file = tmp_path / "labels.svg"
    tally("label", spine.id("lot A1"), "--url", URL, "-o", str(file), "--log", log)
    said = words(file.read_text())
    assert said[:5] == ["A1", "300 pieces", "Face shield", "Contract LTA-2026-7", "Signed off 4 May 2026"]
    assert "Asha" not in said


def test_the_maker_is_named_where_that_is_asked_for(
    tally: Tally, spine: Spine, log: str, tmp_path: Path
) -> None:
    file = tmp_path / "labels.svg"
    tally("label", spine.id("lot A1"), "--url", URL, "--maker", "-o", str(file), "--log", log)
    assert "Asha" in words(file.read_text())


def test_copies_fill_sheets_and_a_drawing_holds_one(
    tally: Tally, spine: Spine, log: str, tmp_path: Path
) -> None:
    given = ["label", spine.id("lot A1"), "--url", URL, "--log", log, "--copies"]
    assert tally(*given, "25", "-o", str(tmp_path / "labels.pdf"))["sheets"] == 2
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF-")
    assert tally(*given, "24", "-o", str(tmp_path / "labels.svg"))["sheets"] == 1
    assert "write a .pdf" in tally.says(*given, "25", "-o", str(tmp_path / "more.svg"), status=6)
    assert not (tmp_path / "more.svg").exists()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["lot A1"], "nowhere to lead"),
        (["receipt A1", "--url", URL], "not the sign-off of a lot"),
        (["lot A1", "--url", "log.example.org"], "no address"),
        (["lot A1", "--url", f"{URL}/?x=1"], "no address"),
        (["lot A1", "--url", f"{URL}/{'a' * 120}"], "too long"),
        (["lot A1", "--gtin", "9506000134353"], "not a GTIN"),
        (["lot A1", "--gtin", "950600013435²"], "not a GTIN"),
    ],
)
def test_what_cannot_be_printed_is_told(
    spine: Spine, log: str, tmp_path: Path, given: list[str], found: str
) -> None:
    tally, file = Tally(), tmp_path / "labels.svg"
    arguments = [spine.id(given[0]), *given[1:], "-o", str(file), "--log", log]
    assert found in tally.says("label", *arguments, status=6)
    assert not file.exists()


def test_another_kind_of_file_is_refused_and_nothing_is_overwritten(
    tally: Tally, spine: Spine, log: str, tmp_path: Path
) -> None:
    given = ["label", spine.id("lot A1"), "--url", URL, "--log", log, "-o"]
    assert "no kind of sheet" in tally.says(*given, str(tmp_path / "labels.png"), status=6)
    (tmp_path / "labels.svg").write_text("kept")
    tally.says(*given, str(tmp_path / "labels.svg"), status=8)
    assert (tmp_path / "labels.svg").read_text() == "kept"
