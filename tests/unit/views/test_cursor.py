"""Cursors: what was written is read back, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.limits import CURSOR_CHARS
from ledger.views.cursor import Cursor, read_cursor, write_cursor

ASKED = {"shelf": "lots", "line": "1", "late": None}


def encoded(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


@given(st.integers(0, 2**62) | st.text(max_size=20), st.text(max_size=60))
def test_a_cursor_comes_back_as_it_was_written(place: int | str, id: str) -> None:
    text = write_cursor(ASKED, Cursor(place, id))
    if len(text) <= CURSOR_CHARS:
        assert read_cursor(ASKED, text) == (place, id)


def test_what_does_not_matter_does_not_change_the_list() -> None:
    text = write_cursor(ASKED, Cursor(3, "ab"))
    assert read_cursor({"line": "1", "shelf": "lots"}, text) == (3, "ab")


@given(
    st.text(max_size=60) | st.binary(max_size=60).map(lambda data: base64.urlsafe_b64encode(data).decode())
)
def test_only_the_declared_error_leaves_the_reader(text: str) -> None:
    with pytest.raises(Malformed):
        read_cursor(ASKED, text)


NAME = json.loads(base64.urlsafe_b64decode(write_cursor(ASKED, Cursor(1, "a")) + "=="))[0]


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        None,
        7,
        [NAME, 1],
        [NAME, 1, 2],
        [NAME, True, "a"],
        [NAME, None, "a"],
        [NAME, 1.5, "a"],
        [7, 1, "a"],
    ],
)
def test_another_shape_is_no_cursor(told: object) -> None:
    with pytest.raises(Malformed, match="is not a cursor"):
        read_cursor(ASKED, encoded(told))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Malformed, match="another list"):
        read_cursor({"shelf": "lots", "line": "2"}, write_cursor(ASKED, Cursor(1, "a")))


def test_a_long_cursor_is_not_read() -> None:
    with pytest.raises(Malformed, match="characters"):
        read_cursor(ASKED, "A" * (CURSOR_CHARS + 1))
    with pytest.raises(Malformed, match="is not a cursor"):
        read_cursor(ASKED, encoded("[" * 200))
