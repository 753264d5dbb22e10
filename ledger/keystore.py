"""Where a person's private keys live: a folder of passphrase-encrypted PKCS #8 files, mode 0600.

    <name>.pem     the encrypted private key
    <name>.json    its public side: party id, kind of key; and `head`, the id of the last statement it signed
    openings/      what opens the confidential values it signed, see `ledger.openings`

`head` is what makes signing work offline: each statement names the key's previous one. It is advanced only
after the new statement has been written, so a crash in between leaves a fork that is visible, never a gap that
is not. A copy of a key on a second device forks its chain; use one key for each device.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger.durable import write_durably
from ledger.errors import Ambiguous, KeyUnavailable, MalformedKey, NotFound, TallyError
from ledger.limits import KEY_FILE_BYTES, PASSPHRASE_BYTES
from ledger.statement.keys import parse_did_key
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Signer
from ledger.units import PartyId, StatementId, parse_statement_id

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The public side of a key in the store."""

    name: str
    party: PartyId
    head: StatementId | None
    """The last statement this key signed, or None before the first."""


class KeyStore:
    """A folder of keys. Created on the first `add`, mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, signer: Signer, passphrase: bytes) -> StoredKey:
        """Keep a new key. Raises `KeyUnavailable` for a name that is taken, `MalformedKey` for a bad one."""
        if not _NAME.fullmatch(name):
            raise MalformedKey(
                f"{name[:80]!r} is not a name for a key",
                expected="1 to 64 lower-case letters, digits, '.', '_', '-', beginning with a letter or digit",
            )
        if len(passphrase) < PASSPHRASE_BYTES:
            raise KeyUnavailable(
                "the passphrase is too short", expected=f"at least {PASSPHRASE_BYTES} characters"
            )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._pem(name).exists():
            raise KeyUnavailable(
                f"there is a key named {name} already", hint="choose another name: none is overwritten"
            )
        key = StoredKey(name, signer.public.did, None)
        write_durably(self._pem(name), encode_private_key(signer, passphrase), mode=0o600)
        self._write(key)
        return key

    def all(self) -> list[StoredKey]:
        """Every key, by name."""
        return [self._read(path.stem) for path in sorted(self.folder.glob("*.json"))]

    def find(self, which: str) -> StoredKey:
        """A key by its name, or by the beginning or end of its party id. Raises `NotFound`, `Ambiguous`."""
        keys = self.all()
        named = [key for key in keys if key.name == which]
        if named:
            return named[0]
        bare = which.removeprefix("did:key:")
        fits = [
            key
            for key in keys
            if len(bare) >= 4
            and (key.party.removeprefix("did:key:").startswith(bare) or key.party.endswith(bare))
        ]
        if len(fits) > 1:
            raise Ambiguous(
                f"{which} fits several keys: {', '.join(key.name for key in fits)}", hint="use the name"
            )
        if not fits:
            raise NotFound(
                f"there is no key {which[:80]!r} in {self.folder}",
                expected="one of " + ", ".join(key.name for key in keys)
                if keys
                else "a key, of which there are none yet",
                hint="make one with `tally key new NAME`",
            )
        return fits[0]

    def party(self, which: str) -> PartyId:
        """The party id of a key. Raises `NotFound`, `Ambiguous`."""
        return self.find(which).party

    def unlock(self, key: StoredKey, passphrase: bytes) -> Signer:
        """The private key. Raises `KeyUnavailable` for a wrong passphrase, a missing or foreign file."""
        try:
            with self._pem(key.name).open("rb") as file:
                pem = file.read(KEY_FILE_BYTES + 1)
        except OSError as error:
            raise KeyUnavailable(f"the key file of {key.name} cannot be read: {error.strerror}") from error
        signer = decode_private_key(pem, passphrase)
        if signer.public.did != key.party:
            raise KeyUnavailable(
                f"the key file of {key.name} holds another key", expected=f"the key of …{key.party[-8:]}"
            )
        return signer

    @contextmanager
    def signing(self, name: str) -> Iterator[StoredKey]:
        """Hold a key's chain while a statement is signed and written, so that two runs do not fork it.

        Call `advance` inside, after the statement is safely written.
        """
        with self._pem(name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield self._read(name)

    def advance(self, key: StoredKey, head: StatementId) -> StoredKey:
        """Write down the last statement a key signed."""
        advanced = replace(key, head=head)
        self._write(advanced)
        return advanced

    def _pem(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _write(self, key: StoredKey) -> None:
        public = parse_did_key(key.party)
        content = {
            "party": key.party,
            "kid": public.kid.hex(),
            "kind": type(public).__name__,
            "head": key.head,
        }
        write_durably(
            self.folder / f"{key.name}.json", (json.dumps(content, indent=2) + "\n").encode(), mode=0o600
        )

    def _read(self, name: str) -> StoredKey:
        path = self.folder / f"{name}.json"
        try:
            content = json.loads(path.read_bytes()[:KEY_FILE_BYTES])
            head = content["head"]
            return StoredKey(
                name,
                parse_did_key(content["party"]).did,
                parse_statement_id(head) if head is not None else None,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, TallyError) as error:
            raise MalformedKey(
                f"{path} cannot be read: {error}",
                expected="the file `tally key new` wrote",
                hint="the private key beside it is not touched by this",
            ) from error
