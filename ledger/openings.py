"""Where openings live: beside the keys, one file a statement, mode 0600, until they are destroyed.

    <keys>/openings/<statement id>.openings
    {"openings": 1, "statement": id, "values": [[pointer, salt, value], ...]}

The files are deterministic CBOR, specified in specs/disclosure.md, and not encrypted: the disk's encryption is what
protects them from whoever takes the machine. They are the only copy here, and the one thing in a store of keys that
is meant to be deletable: `destroy` unlinks the file, or puts one without the destroyed values in its place, and
returns when the folder has been synced. Copies in backups, snapshots and other people's disclosure files stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.durable import alone_in, sync_folder, write_durably
from ledger.errors import Ambiguous, MalformedCbor, MalformedDisclosure, NotFound
from ledger.limits import OPENINGS_BYTES
from ledger.statement import cbor
from ledger.statement.commitment import Opening, pack_openings, unpack_openings
from ledger.units import StatementId

VERSION: Final = 1
_SUFFIX: Final = ".openings"
_MEMBERS: Final = {"openings", "statement", "values"}
_PREFIX_CHARS: Final = 4
_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class OpeningStore:
    """A folder of openings. Created on the first `keep`, mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, statement: StatementId, openings: Sequence[Opening]) -> None:
        """Keep a statement's openings; they are durable when this returns. Replaces what was kept for it."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self.folder.parent)
        with self._alone():
            self._write(statement, openings)

    def read(self, statement: StatementId) -> tuple[Opening, ...]:
        """What is kept for a statement. Raises `NotFound`, `MalformedDisclosure`."""
        path = self._path(statement)
        try:
            with path.open("rb") as file:
                data = file.read(OPENINGS_BYTES + 1)
        except FileNotFoundError as error:
            raise NotFound(
                f"no openings are kept for statement {statement}",
                expected=f"its file in {self.folder}",
                hint="they were erased, or never on this machine: ask whoever signed it for a disclosure",
            ) from error
        return _decode(data, statement, path)

    def find(self, prefix: str) -> StatementId:
        """The statement with openings here whose id starts so. Raises `NotFound`, `Ambiguous`."""
        kept = [path.stem for path in self.folder.glob(f"*{_SUFFIX}") if _ID.fullmatch(path.stem)]
        fits = [one for one in kept if len(prefix) >= _PREFIX_CHARS and one.startswith(prefix)]
        if len(fits) > 1:
            raise Ambiguous(
                f"openings are kept for several statements that start with {prefix}", hint="give more digits"
            )
        if not fits:
            raise NotFound(
                f"no openings are kept for a statement {prefix[:80]!r}",
                expected=f"the id of one in {self.folder}, or at least {_PREFIX_CHARS} digits of it",
                hint="they were erased, or never on this machine",
            )
        return StatementId(fits[0])

    def destroy(self, statement: StatementId, pointers: Collection[str] | None = None) -> tuple[Opening, ...]:
        """Remove openings for good, all of them when no pointers are given; answers those that are gone.

        Raises `NotFound`, and then nothing was removed, when there is none at one of the pointers.
        """
        with self._alone():
            kept = self.read(statement)
            named = {one.pointer for one in kept} if pointers is None else set(pointers)
            chosen = choose(kept, named, statement)
            if rest := [one for one in kept if one.pointer not in named]:
                self._write(statement, rest)
            else:
                self._path(statement).unlink()
                sync_folder(self.folder)
        return chosen

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time: of two that destroy, the second must not write back what the first removed.

        A process that died while it wrote left its file beside; what is in it goes first.
        """
        if not self.folder.exists():
            yield
            return
        with alone_in(self.folder):
            for left in self.folder.glob(f"*{_SUFFIX}.new"):
                left.unlink()
            yield

    def _path(self, statement: StatementId) -> Path:
        return self.folder / f"{statement}{_SUFFIX}"

    def _write(self, statement: StatementId, openings: Sequence[Opening]) -> None:
        content = {
            "openings": VERSION,
            "statement": bytes.fromhex(statement),
            "values": pack_openings(openings),
        }
        write_durably(self._path(statement), cbor.encode(content), mode=0o600)


def choose(
    openings: Sequence[Opening], pointers: Collection[str], statement: StatementId
) -> tuple[Opening, ...]:
    """The openings at these pointers. Raises `NotFound` when there is none at one of them."""
    there = {one.pointer for one in openings}
    if missing := sorted(set(pointers) - there):
        raise NotFound(
            f"no opening is kept for {', '.join(map(repr, missing))[:400]} of statement {statement}",
            expected="among " + ", ".join(sorted(there)),
        )
    return tuple(one for one in openings if one.pointer in pointers)


def _decode(data: bytes, statement: StatementId, path: Path) -> tuple[Opening, ...]:
    """Read a file strictly. cbor's own words may quote what is in it, and are not passed on."""
    try:
        content = cbor.decode(data) if len(data) <= OPENINGS_BYTES else None
    except MalformedCbor:
        content = None
    if (
        not isinstance(content, dict)
        or set(content) != _MEMBERS
        or content["openings"] is True
        or content["openings"] != VERSION
        or content["statement"] != bytes.fromhex(statement)
    ):
        raise MalformedDisclosure(
            f"{path} is damaged",
            expected=f"the openings of statement {statement} as `tally sign` kept them, version {VERSION}",
            hint="restore it from a backup; or delete it, and the values in it are gone for good",
        )
    try:
        return unpack_openings(content["values"])
    except MalformedDisclosure as error:
        error.found = f"{path} is damaged: {error.found}"
        raise
