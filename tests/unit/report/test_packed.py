"""A packed PDF is the same document in a fraction of the bytes: every object is found where a reader looks for it."""

import re
from dataclasses import replace

import pytest

from ledger.report import pdf
from ledger.report.packed import packed
from ledger.report.pdf import render_pdf
from tests.support.pdf import objects_of


@pytest.fixture(scope="module")
def unpacked(report) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "packed", lambda made: made)
        return render_pdf(replace(report, makers=report.makers * 16))


def test_every_object_is_what_it_was(unpacked):
    before = {
        int(number): body
        for number, body in re.findall(rb"\n([0-9]+) 0 obj\n(.*?)\nendobj(?=\n)", unpacked, re.DOTALL)
    }
    after = objects_of(packed(unpacked))
    about = [number for number, body in after.items() if number not in before]
    assert [after.pop(number).startswith(b"<</Type/XRef") for number in about] == [True]
    assert after == before
    assert len(before) > 500, "so that it takes more than one object stream"


def test_its_head_its_first_object_and_its_metadata_stay(unpacked):
    made = packed(unpacked)
    assert made[:15] == unpacked[:15] == b"%PDF-1.7\n%" + 4 * b"\x80" + b"\n"
    [root] = re.findall(rb"/Root ([0-9]+) 0 R", unpacked)
    assert re.findall(rb"/Root ([0-9]+) 0 R", made) == [root]
    assert objects_of(made)[int(root)].startswith(b"<</Type/Catalog")
    assert b"pdfaid" in made


def test_it_takes_less_than_half(unpacked):
    assert len(packed(unpacked)) < len(unpacked) / 2


def test_what_is_packed_stays_as_it_is(unpacked):
    assert packed(packed(unpacked)) == packed(unpacked)
