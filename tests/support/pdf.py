"""Reading a packed PDF, as far as tests look into one (ISO 32000-1, 7.5.7 and 7.5.8)."""

from __future__ import annotations

import re
import zlib


def objects_of(pdf: bytes) -> dict[int, bytes]:
    """Every object by its number, found as a reader finds it: from the end of the file."""
    [start] = re.findall(rb"startxref\n([0-9]+)\n%%EOF\n$", pdf)
    about, rows = _stream(_body(pdf, int(start)))
    one, four, two = (int(width) for width in re.findall(rb"/W\[(\d+) (\d+) (\d+)\]", about)[0])
    [size] = re.findall(rb"/Size (\d+)", about)
    long = one + four + two
    assert len(rows) == int(size) * long
    entries = [
        (row[0], int.from_bytes(row[one : one + four], "big"), int.from_bytes(row[one + four :], "big"))
        for row in (rows[at : at + long] for at in range(0, len(rows), long))
    ]
    found = {number: _body(pdf, first) for number, (kind, first, _) in enumerate(entries) if kind == 1}
    held = {number: _held(body) for number, body in found.items() if b"/Type/ObjStm" in body[:200]}
    for number, (kind, first, place) in enumerate(entries):
        if kind == 2:
            named, found[number] = held[first][place]
            assert named == number
    return {number: body for number, body in found.items() if number not in held}


def _body(pdf: bytes, at: int) -> bytes:
    """The object at an offset, without its number."""
    head = re.compile(rb"[0-9]+ 0 obj\n").match(pdf, at)
    assert head
    return pdf[head.end() : pdf.index(b"\nendobj\n", at)]


def _stream(body: bytes) -> tuple[bytes, bytes]:
    """Its dictionary, and what it holds."""
    about, data = body.split(b"\nstream\n", 1)
    return about, zlib.decompress(data.removesuffix(b"\nendstream"))


def _held(body: bytes) -> list[tuple[int, bytes]]:
    """What an object stream holds: each object's number and itself."""
    about, content = _stream(body)
    [(count, first)] = re.findall(rb"/N (\d+)/First (\d+)", about)
    numbers = [int(one) for one in content[: int(first)].split()]
    starts = [int(first) + one for one in numbers[1::2]]
    assert len(starts) == int(count)
    ends = [*starts[1:], len(content)]
    return [
        (number, content[start:end].rstrip(b"\n"))
        for number, start, end in zip(numbers[::2], starts, ends, strict=True)
    ]
