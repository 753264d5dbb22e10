"""Labels: what a lot's name may do to a code, and what is cut to fit."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.errors import Malformed
from ledger.report.label import Label, digital_link, render_pdf, render_sheets
from ledger.rules.records import Lot
from ledger.units import StatementId
from tests.support.pictures import codes_in

ID = StatementId("ab" * 32)


def label(**changes: str) -> Label:
    said = {"link": "https://log.example.org/l/" + ID, "lot": "A-0504", "quantity": "200 pieces"}
    said |= {"item": "Face shield", "contract": "LTA-2026-7", **changes}
    return Label(**said, signed_off=date(2026, 5, 4), statement=ID, maker="Asha")


def lot(name: str) -> Lot:
    return Lot(
        id=ID, name=name, maker="did:key:z6Mk", allocation=ID, calloff=ID, consignee="did:key:z6Mk", line="1",
        unit="H87", made=1, rejected=0, released=1, signed_off=date(2026, 5, 4), due=date(2026, 5, 5),
        specification=None, checks=(), inputs=(), materials=(), told=(),
    )  # fmt: skip


def test_a_lot_of_signs_is_escaped_in_a_digital_link() -> None:
    assert digital_link("https://x.example/", "00012345678905", lot("A/5?4")) == (
        "https://x.example/01/00012345678905/10/A%2F5%3F4"
    )


@pytest.mark.parametrize("name", ["", "A" * 21, "é", "A 5", "A#5"])
def test_a_lot_that_gs1_does_not_carry_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="does not fit a GS1 code"):
        digital_link("https://x.example", "12345670", lot(name))


@pytest.mark.parametrize("gtin", ["12345670", "012345678905", "9506000134352", "09506000134352"])
def test_gtins_of_every_length_are_read(gtin: str) -> None:
    assert f"/01/{gtin.zfill(14)}/10/" in digital_link("https://x.example", gtin, lot("A"))


def test_long_words_are_cut_and_what_comes_from_outside_stays_text() -> None:
    [sheet] = render_sheets([label(lot="x" * 200, item="<script>alert(1)</script> " * 20)])
    assert "x" * 12 + "…" in sheet
    assert "<script" not in sheet
    assert codes_in(sheet) == ["https://log.example.org/l/" + ID]


def test_a_sheet_is_full_and_every_code_on_it_is_read() -> None:
    links = [f"https://log.example.org/l/{number:064x}" for number in range(25)]
    first, second = render_sheets([label(link=link) for link in links])
    assert codes_in(first) == links[:24]
    assert codes_in(second) == links[24:]


def test_the_same_labels_make_the_same_file_whenever_it_is_made() -> None:
    made = render_pdf([label()])
    assert made == render_pdf([label()])
    assert b"2026-05-04" in made, "the day of the last sign-off, not today's"
