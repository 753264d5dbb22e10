"""Where a person's private keys live: a folder of passphrase-encrypted PKCS #8 files, mode 0600.

    <name>.pem     the encrypted private key
    <name>.json    its public side: `did` and `kid`, its two names; its kind; the `party` it signs for; and `head`,
                   the id of the last statement it signed
    openings/      what opens the confidential values it signed, see `ledger.openings`

`head` is what makes signing work offline: each statement names the key's previous one. It is advanced only
after the new statement has been written, so a crash in between leaves a fork that is visible, never a gap that
is not. A copy of a key on a second device forks its chain; use one key for each device.

A party's id is the did of its first key, which signs for the party that is itself. The key of another device is made
for a party that is there already. A file without `did` was written when there were only first keys.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger.durable import write_durably
from ledger.errors import Ambiguous, KeyUnavailable, MalformedKey, NotFound, TallyError
from ledger.limits import KEY_FILE_BYTES, PASSPHRASE_BYTES
from ledger.statement.envelope import first_key
from ledger.statement.keys import PublicKey, parse_did_key
from ledger.statement.pkcs8 import decode_private_key, encode_private_key
from ledger.statement.signer import Signer
from ledger.units import KeyId, PartyId, StatementId, parse_statement_id

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The public side of a key in the store."""

    name: str
    did: PartyId
    """Its own public key, as a `did:key`."""
    party: PartyId
    """Whom it signs for: itself, if it is a party's first key."""
    head: StatementId | None
    """The last statement this key signed, or None before the first."""

    @property
    def is_first(self) -> bool:
        """Whether it is the key that names its party."""
        return self.did == self.party


class KeyStore:
    """A folder of keys. Created on the first `add`, mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, signer: Signer, passphrase: bytes, party: PartyId | None = None) -> StoredKey:
        """Keep a new key: of one more device of `party`, or the first of a party of its own.

        Raises `KeyUnavailable` for a name that is taken, `MalformedKey` for a bad one.
        """
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
        key = StoredKey(name, signer.public.did, party or signer.public.did, None)
        write_durably(self._pem(name), encode_private_key(signer, passphrase), mode=0o600)
        self._write(key)
        return key

    def all(self) -> list[StoredKey]:
        """Every key, by name."""
        return [self._read(path.stem) for path in sorted(self.folder.glob("*.json"))]

    def find(self, which: str) -> StoredKey:
        """A key to sign with: by its name, by the beginning or end of its did, or as the only one of a party.

        Raises `NotFound`, `Ambiguous`.
        """
        keys = self.all()
        fits = _called(which, keys) or [key for key in keys if _fits(which, key.party)]
        return self._only(which, fits, "make one with `tally key new NAME`")

    def party(self, which: str) -> PartyId:
        """The party that a key signs for. Raises `NotFound`, `Ambiguous`."""
        return self.find(which).party

    def did(self, which: str) -> PartyId:
        """A key's own did. It is not found by its party, of which another key may be meant.

        Raises `NotFound`, `Ambiguous`.
        """
        hint = "of a key on another device give the key itself, did:key:z..."
        return self._only(which, _called(which, self.all()), hint).did

    def resolve(self, iss: PartyId, kid: KeyId) -> PublicKey:
        """A key at hand that signs for the party, or the first that its id names: a `KeyResolver`.

        For a file that no rule is asked about. Raises `KeyUnknown`.
        """
        for key in self.all():
            public = parse_did_key(key.did)
            if (key.party, public.kid) == (iss, kid):
                return public
        return first_key(iss, kid)

    def unlock(self, key: StoredKey, passphrase: bytes) -> Signer:
        """The private key. Raises `KeyUnavailable` for a wrong passphrase, a missing or foreign file."""
        try:
            with self._pem(key.name).open("rb") as file:
                pem = file.read(KEY_FILE_BYTES + 1)
        except OSError as error:
            raise KeyUnavailable(f"the key file of {key.name} cannot be read: {error.strerror}") from error
        signer = decode_private_key(pem, passphrase)
        if signer.public.did != key.did:
            raise KeyUnavailable(
                f"the key file of {key.name} holds another key", expected=f"the key …{key.did[-8:]}"
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

    def _only(self, which: str, fits: Sequence[StoredKey], hint: str) -> StoredKey:
        if len(fits) > 1:
            raise Ambiguous(
                f"{which} fits several keys: {', '.join(key.name for key in fits)}", hint="use the name"
            )
        if not fits:
            names = ", ".join(key.name for key in self.all())
            raise NotFound(
                f"there is no key {which[:80]!r} in {self.folder}",
                expected=f"one of {names}" if names else "a key, of which there are none yet",
                hint=hint,
            )
        return fits[0]

    def _pem(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _write(self, key: StoredKey) -> None:
        public = parse_did_key(key.did)
        content = {
            "party": key.party,
            "did": key.did,
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
            head, party = content["head"], parse_did_key(content["party"]).did
            return StoredKey(
                name,
                parse_did_key(content["did"]).did if "did" in content else party,
                party,
                parse_statement_id(head) if head is not None else None,
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, TallyError) as error:
            raise MalformedKey(
                f"{path} cannot be read: {error}",
                expected="the file `tally key new` wrote",
                hint="the private key beside it is not touched by this",
            ) from error


def _called(which: str, keys: Sequence[StoredKey]) -> list[StoredKey]:
    """The key with that name; else those whose did begins or ends so."""
    named = [key for key in keys if key.name == which]
    return named or [key for key in keys if _fits(which, key.did)]


def _fits(which: str, did: PartyId) -> bool:
    bare = which.removeprefix("did:key:")
    return len(bare) >= 4 and (did.removeprefix("did:key:").startswith(bare) or did.endswith(bare))
