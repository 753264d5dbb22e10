"""Packing a PDF: what is no stream goes into compressed object streams (ISO 32000-1, 7.5.7), found by a cross-reference
stream (7.5.8).

A tagged PDF has an object for every cell of every table, 120,000 of them for 8,000 makers. Typst writes each as text;
packed they take a twentieth. PDF/A-2 allows it, and no object changes: what a reader finds under a number is the same.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

_OBJECTS: Final = 500
"""In one stream: a reader has to unpack a whole one to look one up."""
_ROW: Final = 20
"""Bytes of a row of the table."""
_XREF: Final = re.compile(rb"xref\n0 ([0-9]+)\n")
_TRAILER: Final = re.compile(rb"trailer\n<</Size [0-9]+(.*)>>\nstartxref\n([0-9]+)\n%%EOF\n?", re.DOTALL)
_FIELDS: Final = (1, 4, 2)
"""Bytes of the three fields of an entry: its type, then an offset and 0, or an object stream and a place in it."""
_FREE: Final = (0, 0, 65_535)


class _Object(NamedTuple):
    number: int
    body: bytes
    """Between `obj` and `endobj`."""


def packed(pdf: bytes) -> bytes:
    """The same document, packed; a PDF without a cross-reference table is packed already. O(n log n)."""
    ending = _TRAILER.search(pdf, pdf.rfind(b"trailer\n"))
    if ending is None:
        return pdf
    out, entries, others = bytearray(_head(pdf)), {}, []
    size = 1
    for one in _objects(pdf, int(ending[2])):
        size = max(size, one.number + 1)
        if one.body.endswith(b"endstream"):
            entries[one.number] = (1, len(out), 0)
            out += b"%d 0 obj\n%b\nendobj\n" % one
        else:
            others.append(one)
    left = iter(others)
    while group := list(islice(left, _OBJECTS)):
        entries |= {one.number: (2, size, place) for place, one in enumerate(group)}
        entries[size] = (1, len(out), 0)
        out += _stream(size, *_object_stream(group))
        size += 1
    start = len(out)
    entries[size] = (1, start, 0)
    rows = b"".join(_entry(*entries.get(number, _FREE)) for number in range(size + 1))
    about = b"/Type/XRef/Size %d/W[%d %d %d]%b" % (size + 1, *_FIELDS, ending[1])
    out += _stream(size, about, rows)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _head(pdf: bytes) -> bytes:
    """The version, and the comment by which the file is known as binary."""
    return b"".join(line + b"\n" for line in pdf[:64].split(b"\n", 2)[:2])


def _objects(pdf: bytes, table: int) -> Iterator[_Object]:
    """Every object of the cross-reference table, in the order of the file."""
    head = _XREF.match(pdf, table)
    assert head, "one section, as the file was written in one go"
    rows = [pdf[at : at + _ROW] for at in range(head.end(), head.end() + _ROW * int(head[1]), _ROW)]
    used = sorted((int(row[:10]), number) for number, row in enumerate(rows) if row[17:18] == b"n")
    ends = [*(offset for offset, _ in used[1:]), table]
    for (offset, number), end in zip(used, ends, strict=True):
        start = pdf.index(b"obj", offset) + 3
        yield _Object(number, pdf[start : pdf.rindex(b"endobj", start, end)].strip(b"\r\n "))


def _object_stream(group: list[_Object]) -> tuple[bytes, bytes]:
    """What its dictionary says, and what is in it: numbers and places first, then the objects."""
    places, content = [], bytearray()
    for one in group:
        places.append(b"%d %d" % (one.number, len(content)))
        content += one.body + b"\n"
    head = b" ".join(places) + b"\n"
    return b"/Type/ObjStm/N %d/First %d" % (len(group), len(head)), head + bytes(content)


def _stream(number: int, about: bytes, content: bytes) -> bytes:
    data = zlib.compress(content)
    says = b"<<%b/Filter/FlateDecode/Length %d>>" % (about, len(data))
    return b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, says, data)


def _entry(*fields: int) -> bytes:
    return b"".join(value.to_bytes(length, "big") for value, length in zip(fields, _FIELDS, strict=True))
